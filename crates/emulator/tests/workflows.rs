//! The demo workflows compute what they promise, and what their authors say about them is true.

use std::collections::BTreeSet;

use crate::client::Bench;
use emulator::fixtures as f;
use schema::{Form, SkillDoc, validate};
use serde_json::{Value, json};

#[tokio::test]
async fn text_summary_keeps_sentences_of_the_text() {
    let bench = Bench::start().await;
    let text = "Invoices are late. The weather is fine. Late invoices cost money and late invoices annoy. Bye.";
    let ended = bench.run("text-summary", json!({ "text": text, "sentences": 2 })).await;
    assert_eq!(ended["status"], "success");
    let result = &ended["resultData"];
    assert_eq!(result["statistics"]["sentences"], 4);
    assert_eq!(result["statistics"]["words"], 16);
    let kept = result["sentences"].as_array().expect("sentences");
    assert_eq!(kept.len(), 2);
    for sentence in kept {
        assert!(text.contains(sentence.as_str().expect("a string")));
    }
    assert_eq!(result["keywords"][0], "invoices");
    assert!(result["summary"].as_str().is_some_and(|summary| summary.starts_with("- ")));
}

#[tokio::test]
async fn table_profile_describes_every_column() {
    let bench = Bench::start().await;
    let csv = "name;age;since\nAnn;34;2020-01-01\nBob;;2021-05-05\n\"C; D\";41;2022-02-02\n";
    let ended = bench.run("table-profile", json!({ "csv": csv })).await;
    let columns = ended["resultData"]["columns"].as_array().expect("columns");
    let types: Vec<&Value> = columns.iter().map(|column| &column["type"]).collect();
    assert_eq!(types, ["text", "number", "date"]);
    assert_eq!(columns[1]["mean"], 37.5);
    assert_eq!(columns[1]["missing"], 1);
    assert_eq!(columns[0]["max"], "C; D");
}

#[tokio::test]
async fn lead_score_depends_on_the_lead() {
    let bench = Bench::start().await;
    let poor = json!({ "email": "x@gmail.com", "segment": "smb", "source": "cold_call" });
    let rich = json!({
        "email": "ann@acme.example", "segment": "enterprise", "budget": 90000.5, "employees": 900,
        "source": "referral", "interests": ["automation", "support"], "decision_maker": true
    });
    let poor = bench.run("lead-score", poor).await;
    let rich = bench.run("lead-score", rich).await;
    assert_eq!(poor["resultData"]["grade"], "D");
    assert_eq!(rich["resultData"]["grade"], "A");
    let points = |ended: &Value| -> i64 {
        let reasons = ended["resultData"]["reasons"].as_array().expect("reasons");
        reasons.iter().filter_map(|reason| reason["points"].as_i64()).sum()
    };
    assert_eq!(rich["resultData"]["score"], points(&rich).clamp(0, 100));
}

#[tokio::test]
async fn slow_report_takes_as_long_as_it_was_asked_to() {
    let bench = Bench::start().await;
    // Side by side, so that a busy machine delays both. Unasked it takes 45 s, here at most 2.6.
    let (short, long) = tokio::join!(
        bench.run("slow-report", json!({ "title": "T", "seconds": 20 })),
        bench.run("slow-report", json!({ "title": "T", "seconds": 70 })),
    );
    let took = |ended: &Value| ended["duration"].as_u64().expect("a duration");
    assert!(took(&short) >= 850 && took(&long) >= 2975 && took(&short) < took(&long), "{short} {long}");
    assert!(short["resultData"]["report"].as_str().is_some_and(|report| report.starts_with("# T\n")));
}

#[tokio::test]
async fn always_fails_fails_as_asked() {
    let bench = Bench::start().await;
    for (kind, node) in [
        ("node_failure", "Transform rows"),
        ("validation_error", "Check input"),
        ("external_api_error", "Fetch contacts"),
        ("timeout", "Ask the model"),
        ("unknown", "Finish"),
    ] {
        let ended = bench.run("always-fails", json!({ "error_type": kind })).await;
        assert_eq!(ended["status"], "failed");
        assert_eq!(ended["errorDetails"]["type"], kind);
        assert_eq!(ended["errorDetails"]["failedNodeName"], node);
        assert!(ended.get("resultData").is_none());
    }
}

#[tokio::test]
async fn file_output_can_be_downloaded_also_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = || emulator::Config { speed: 0.0, data: Some(folder.path().into()), ..Default::default() };
    let bench = Bench::with(config()).await;
    let ended = bench.run("file-output", json!({ "title": "Squares", "rows": 3 })).await;
    let (result, document) = (&ended["resultData"], ended["resultData"]["report"].as_str().expect("an id"));
    assert_eq!(result["download"]["fileName"], "squares.csv");
    let link = result["download"]["downloadUrl"].as_str().expect("a link").to_owned();
    assert_eq!(link, format!("{}/_emulator/files/{document}", bench.emulator.base_url()));
    let http = bench.http.clone();
    let text = async |url: String| http.get(url).send().await.expect("an answer").text().await.expect("a body");
    assert_eq!(text(link).await, "number,square\r\n1,1\r\n2,4\r\n3,9\r\n");

    bench.emulator.stop().await;
    let again = Bench::with(config()).await;
    let url = format!("{}/_emulator/files/{document}", again.emulator.base_url());
    assert!(text(url).await.starts_with("number,square"));
}

#[tokio::test]
async fn invoice_total_adds_up_rate_by_rate() {
    let bench = Bench::start().await;
    let invoice = json!({
        "number": "2026-0042", "customer": { "name": "Acme" }, "discount_percent": 5,
        "lines": [
            { "description": "Consulting", "quantity": 3, "unit_price": 120.5, "vat_rate": "21" },
            { "description": "Book", "quantity": 2, "unit_price": 19.9, "vat_rate": "6" },
        ],
    });
    let ended = bench.run("invoice-total", invoice).await;
    let result = &ended["resultData"];
    let rates = json!([{ "rate": 6, "net": 37.81, "vat": 2.27 }, { "rate": 21, "net": 343.43, "vat": 72.12 }]);
    assert_eq!(result["vat"], rates);
    assert_eq!(result["lines"][0]["net"], 343.43);
    assert_eq!(
        (&result["net"], &result["vat_total"], &result["total"]),
        (&json!(381.24), &json!(74.39), &json!(455.63))
    );
}

#[tokio::test]
async fn every_field_has_every_type_and_invoices_nest_objects_in_lists() {
    fn types(items: &Value, found: &mut BTreeSet<String>) {
        for item in items.as_array().into_iter().flatten() {
            found.insert(item["type"].as_str().expect("a type").to_owned());
            for inner in ["inputSchema", "schema", "itemSchema"] {
                types(&item[inner], found);
            }
        }
    }
    let bench = Bench::start().await;
    let body = json!({ "processInstanceId": f::DEV_INSTANCE, "includeWorkflowDetails": true });
    let (_, instance) = bench.post("/getprocessinstancepublic", f::DEV_ORG_KEY, body).await;
    let workflows = instance["data"]["deployment"]["workflows"].as_array().expect("workflows");
    let of = |id: &str| {
        let workflow = workflows.iter().find(|workflow| workflow["workflowId"] == id).expect("known");
        let mut found = BTreeSet::new();
        types(&workflow["triggers"][0]["inputSchema"], &mut found);
        found
    };
    let all = [
        "array",
        "boolean",
        "date",
        "file",
        "multiselect",
        "number",
        "object",
        "objectArray",
        "radio",
        "section",
        "select",
        "string",
        "text",
    ];
    assert_eq!(of("every-field"), all.map(str::to_owned).into());
    assert!(of("invoice-total").is_superset(&["object", "objectArray"].map(str::to_owned).into()));
}

#[tokio::test]
async fn sized_result_can_be_fifty_megabytes() {
    let bench = Bench::with(emulator::Config { speed: 0.0, ..Default::default() }).await;
    let id = bench.trigger("sized-result", json!({ "kilobytes": 51_200, "shape": "wrapped" })).await;
    let path = format!("/status/{}/{id}", f::DEV_INSTANCE);
    let size = loop {
        let request = bench.request(reqwest::Method::GET, &path, f::DEV_INSTANCE_KEY);
        let bytes = request.send().await.expect("an answer").bytes().await.expect("a body");
        if bytes.len() > 1000 {
            break bytes.len();
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    assert!((52_428_800..54_000_000).contains(&size), "{size}");
    let ended = bench.run("sized-result", json!({ "kilobytes": 51_201 })).await;
    assert_eq!(ended["errorDetails"]["type"], "validation_error");
}

#[tokio::test]
async fn never_answers_stays_pending() {
    let bench = Bench::with(emulator::Config { speed: 0.0, ..Default::default() }).await;
    let silent = bench.trigger("never-answers", json!({})).await;
    // A later execution that ended shows that the silent one had its turn.
    bench.run("text-summary", json!({ "text": "A." })).await;
    assert_eq!(bench.status(&silent).await["status"], "pending");
}

#[tokio::test]
async fn bad_input_fails_inside_the_workflow() {
    let bench = Bench::start().await;
    let cases = [
        ("text-summary", json!({})),
        ("text-summary", json!({ "text": 7 })),
        ("text-summary", json!({ "text": "x".repeat(5001) })),
        ("text-summary", json!({ "text": "x", "sentences": 11 })),
        ("table-profile", json!({ "csv": "\n\n" })),
        ("lead-score", json!({ "email": "nobody", "segment": "smb" })),
        ("lead-score", json!({ "email": "a@b.example", "segment": "huge" })),
        ("lead-score", json!({ "email": "a@b.example", "segment": "smb", "met_on": "soon" })),
    ];
    for (workflow, payload) in cases {
        let ended = bench.run(workflow, payload.clone()).await;
        assert_eq!(ended["errorDetails"]["type"], "validation_error", "{workflow} {payload}");
    }
}

/// Every schema and every skill, as clients read them.
#[tokio::test]
async fn schemas_and_skills_are_sound_and_agree() {
    let bench = Bench::start().await;
    let body = json!({ "processInstanceId": f::DEV_INSTANCE, "includeWorkflowDetails": true });
    let (_, instance) = bench.post("/getprocessinstancepublic", f::DEV_ORG_KEY, body).await;
    let path = format!("/getprocessskillspublic/{}", f::DEV_INSTANCE);
    let (_, skills) = bench.get(&path, f::DEV_ORG_KEY).await;
    let skills = skills["data"]["skills"].as_array().expect("skills").clone();
    let workflows = instance["data"]["deployment"]["workflows"].as_array().expect("workflows");
    let mut checked = 0;
    for workflow in workflows {
        let id = workflow["workflowId"].as_str().expect("an id");
        let trigger = &workflow["triggers"][0];
        if trigger["type"] != "http" {
            continue;
        }
        let form = Form::parse(&trigger["inputSchema"]).unwrap_or_else(|error| panic!("{id}: {error}"));
        let skill = skills
            .iter()
            .find(|skill| skill["workflowTemplateId"] == id)
            .unwrap_or_else(|| panic!("{id} has no skill"));
        let document = SkillDoc::parse(skill["contentMarkdown"].as_str().expect("text"));
        assert_eq!(document.issues(), Vec::<String>::new(), "{id}");
        let described = document.form.as_ref().unwrap_or_else(|| panic!("{id}: no form in the skill"));
        for field in form.fields() {
            let key = &field.key;
            let told = described.form.field(key).unwrap_or_else(|| panic!("{id}: the skill omits {key}"));
            assert_eq!(told.required, field.required, "{id}: {key}");
        }
        let example = document.example.as_ref().unwrap_or_else(|| panic!("{id}: no example"));
        assert_eq!(validate(&form, example), [], "{id}");
        let ended = bench.run(id, example.clone());
        if !["never-answers", "slow-report"].contains(&id) {
            let expected = if id == "always-fails" { "failed" } else { "success" };
            assert_eq!(ended.await["status"], expected, "{id}");
        }
        checked += 1;
    }
    assert!(checked >= 6);
}
