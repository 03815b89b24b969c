//! Instance and lists: statements 24 to 29.

use emulator::fixtures as f;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{error_text, members};
use crate::client::Bench;

async fn instance(bench: &Bench, details: bool) -> Value {
    let mut request = json!({ "processInstanceId": f::DEV_INSTANCE });
    if details {
        request["includeWorkflowDetails"] = true.into();
    }
    let (status, mut body) = bench.post("/getprocessinstancepublic", f::DEV_ORG_KEY, request).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(members(&body), ["success", "data", "requestId"]);
    body["data"].take()
}

fn workflows(instance: &Value) -> &Vec<Value> {
    instance["deployment"]["workflows"].as_array().expect("workflows")
}

#[tokio::test]
async fn s24_three_members_or_seven() {
    let bench = Bench::start().await;
    let brief = instance(&bench, false).await;
    for workflow in workflows(&brief) {
        assert_eq!(members(workflow), ["workflowId", "n8nWorkflowId", "workflowName"]);
    }
    let full = instance(&bench, true).await;
    for workflow in workflows(&full) {
        let mut names = members(workflow);
        names.sort_unstable();
        let seven = [
            "cost",
            "integrationUids",
            "n8nWorkflowId",
            "n8nWorkflowIsActive",
            "triggers",
            "workflowId",
            "workflowName",
        ];
        assert_eq!(names, seven);
        assert!(workflow["n8nWorkflowIsActive"].is_boolean());
        assert!(workflow["cost"].is_number());
        assert!(workflow["integrationUids"].is_array());
        for trigger in workflow["triggers"].as_array().expect("triggers") {
            match trigger["type"].as_str() {
                Some("http") => assert!(trigger["method"].is_string()),
                Some("schedule") => assert!(trigger["cronExpression"].is_string()),
                Some("service_event") => assert!(trigger["service"].is_string()),
                kind => assert_eq!(kind, Some("subworkflow")),
            }
        }
    }
    assert_eq!(brief["environment"], "dev");
    assert_eq!(brief["deployment"]["deploymentStatus"], "deployed");
}

#[tokio::test]
async fn s25_errors_of_the_instance_call() {
    let bench = Bench::start().await;
    let ask = async |id: &str, key: &str| {
        bench.post("/getprocessinstancepublic", key, json!({ "processInstanceId": id })).await
    };
    let (status, body) = ask("none", f::DEV_ORG_KEY).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert!(error_text(&body, false).contains("not found"));
    let (status, body) = ask(f::OTHER_INSTANCE, f::DEV_ORG_KEY).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let text = error_text(&body, false);
    assert!(text.contains("does not have access to this process instance"), "{text}");
}

#[tokio::test]
async fn s26_schemas_can_be_absent() {
    let bench = Bench::start().await;
    let with_schema = |instance: &Value| {
        workflows(instance).iter().filter(|workflow| workflow["triggers"][0].get("inputSchema").is_some()).count()
    };
    assert!(with_schema(&instance(&bench, true).await) > 5);
    bench.control("switches", json!({ "input_schema": false })).await;
    assert_eq!(with_schema(&instance(&bench, true).await), 0);
}

#[tokio::test]
async fn s27_the_list_of_executions() {
    let bench = Bench::start().await;
    for _ in 0..21 {
        bench.trigger("never-answers", json!({})).await;
    }
    bench.run("always-fails", json!({})).await;
    let last = bench.trigger("text-summary", json!({ "text": "A." })).await;
    let list = async |query: &str| {
        let path = format!("/listexecutionspublic/{}{query}", f::DEV_INSTANCE);
        let (status, mut body) = bench.get(&path, f::DEV_ORG_KEY).await;
        assert_eq!(status, StatusCode::OK, "{query}");
        let data = body["data"].take();
        let length = data["executions"].as_array().map(Vec::len);
        assert_eq!(data["count"].as_u64().map(|count| count.to_string()), length.map(|n| n.to_string()));
        data
    };
    let all = list("").await;
    assert_eq!(all["count"], 20);
    assert_eq!(all["executions"][0]["executionId"], last.as_str());
    let times: Vec<&str> = all["executions"]
        .as_array()
        .expect("executions")
        .iter()
        .filter_map(|item| item["createdAt"].as_str())
        .collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "{times:?}");
    assert_eq!(list("?limit=100").await["count"], 23);
    assert_eq!(list("?limit=3").await["count"], 3);
    assert_eq!(list("?workflowId=never-answers&limit=100").await["count"], 21);
    assert_eq!(list("?status=failed").await["count"], 1);
    assert_eq!(list("?status=failed&workflowId=text-summary").await["count"], 0);
    assert_eq!(list("?status=failed&workflowId=always-fails&limit=5").await["count"], 1);
    assert_eq!(list("?workflowId=unknown").await["count"], 0);
    for _ in 0..90 {
        bench.trigger("never-answers", json!({})).await;
    }
    assert_eq!(list("?limit=100").await["count"], 100);
    for limit in ["0", "101", "many"] {
        let path = format!("/listexecutionspublic/{}?limit={limit}", f::DEV_INSTANCE);
        let (status, body) = bench.get(&path, f::DEV_ORG_KEY).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{limit}");
        error_text(&body, false);
    }
    let (status, body) = bench.get("/listexecutionspublic/none", f::DEV_ORG_KEY).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    error_text(&body, false);
}

#[tokio::test]
async fn s28_the_items_of_the_list() {
    let bench = Bench::start().await;
    bench.run("always-fails", json!({})).await;
    bench.run("text-summary", json!({ "text": "A." })).await;
    bench.trigger("never-answers", json!({})).await;
    let path = format!("/listexecutionspublic/{}", f::DEV_INSTANCE);
    let (_, body) = bench.get(&path, f::DEV_ORG_KEY).await;
    let items = body["data"]["executions"].as_array().expect("executions");
    assert_eq!(items.len(), 3);
    for item in items {
        for member in ["executionId", "workflowId", "triggerId", "status", "createdAt"] {
            assert!(item[member].is_string(), "{member}: {item}");
        }
        assert!(item.get("resultData").is_none());
        assert_eq!(item["status"] == "failed", item["errorDetails"]["message"].is_string());
    }
    assert_eq!(members(&items[0]).len(), 5, "a pending one has nothing more");
    assert_eq!(items[2]["errorDetails"]["failedNodeName"], "Fetch contacts");
}

#[tokio::test]
async fn s29_the_list_of_instances() {
    let bench = Bench::start().await;
    bench.trigger("text-summary", json!({ "text": "A." })).await;
    let list = async |query: &str| {
        let path = format!("/listprocessinstancespublic{query}");
        let (status, mut body) = bench.get(&path, f::DEV_ORG_KEY).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(body["data"]["organizationId"], f::ORGANIZATION);
        body["data"]["instances"].take()
    };
    let ids = |list: &Value| -> Vec<String> {
        let items = list.as_array().expect("instances");
        items.iter().filter_map(|item| item["processInstanceId"].as_str()).map(str::to_owned).collect()
    };
    let all = list("").await;
    assert_eq!(ids(&all).len(), 4);
    assert_eq!(ids(&all)[0], f::DEV_INSTANCE, "the one that ran last comes first");
    assert_eq!(ids(&list("?environment=prod").await), [f::PROD_INSTANCE]);
    assert_eq!(ids(&list("?archived=true").await), [f::ARCHIVED_INSTANCE]);
    assert_eq!(ids(&list("?environment=stage").await), Vec::<String>::new());
    assert_eq!(ids(&list("?limit=1").await).len(), 1);
    for item in all.as_array().expect("instances") {
        assert_eq!(item["isActive"] == false, item.get("inactiveReason").is_some(), "{item}");
    }
    // Pausing and resuming shows at once.
    let request = json!({ "processInstanceId": f::DEV_INSTANCE });
    let (status, body) = bench.post("/deactivateprocessinstancepublic", f::MANAGER_KEY, request.clone()).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(members(&body["data"]), ["processInstanceId", "isActive", "workflowCount"]);
    assert_eq!(list("?environment=dev").await[0]["inactiveReason"], "user_paused");
    let (status, _) = bench.post("/deactivateprocessinstancepublic", f::MANAGER_KEY, request.clone()).await;
    assert_eq!(status, StatusCode::CONFLICT);
    let (status, _) = bench.post("/activateprocessinstancepublic", f::MANAGER_KEY, request).await;
    assert_eq!(status, StatusCode::OK);
    let broken = json!({ "processInstanceId": f::FAILED_INSTANCE });
    let (status, _) = bench.post("/activateprocessinstancepublic", f::MANAGER_KEY, broken).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
}
