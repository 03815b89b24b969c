//! Callbacks: statements 34 to 36.

use emulator::fixtures as f;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{error_text, members};
use crate::client::{Bench, answer};

/// Registers an execution as a workflow does that started by itself: its id and secret.
async fn registered(bench: &Bench) -> (String, String) {
    let request = json!({
        "memberSecret": f::MEMBER_SECRET, "organizationId": f::ORGANIZATION, "userId": f::USER,
        "processInstanceId": f::DEV_INSTANCE, "workflowId": "weekly-digest",
        "triggerType": "schedule", "triggerData": { "at": "now" },
    });
    let (status, body) = callback(bench, "createworkflowexecution", &request).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    assert_eq!(body["callbackUrl"], format!("{}/submitworkflowresult", bench.emulator.base_url()));
    let text = |member: &str| body[member].as_str().expect("text").to_owned();
    for member in ["errorCallbackUrl", "processId", "userId"] {
        assert!(!text(member).is_empty());
    }
    (text("executionId"), text("executionSecret"))
}

async fn callback(bench: &Bench, name: &str, body: &Value) -> (StatusCode, Value) {
    let url = format!("{}/{name}", bench.emulator.base_url());
    answer(bench.http.post(url).json(body)).await
}

#[tokio::test]
async fn s34_results_and_errors_end_an_execution_once() {
    let bench = Bench::start().await;
    let (id, secret) = registered(&bench).await;
    let mut request = json!({
        "executionId": id, "executionSecret": "wrong", "resultData": { "a": 1 },
        "n8nExecutionId": "4711", "executionTimeMs": 812,
    });
    let (status, body) = callback(&bench, "submitworkflowresult", &request).await;
    assert_eq!(status, StatusCode::UNAUTHORIZED);
    error_text(&body, true);
    assert_eq!(bench.status(&id).await["status"], "pending");

    request["executionSecret"] = secret.as_str().into();
    let (status, body) = callback(&bench, "submitworkflowresult", &request).await;
    assert_eq!((status, body), (StatusCode::OK, json!({ "success": true })));
    let view = bench.status(&id).await;
    assert_eq!(view["resultData"], json!({ "a": 1 }));
    assert_eq!(view["duration"], 812);
    let details = format!("/getexecutiondetailspublic/{}/{id}", f::DEV_INSTANCE);
    let (_, details) = bench.get(&details, f::DEV_ORG_KEY).await;
    assert_eq!(details["execution"]["n8nExecutionId"], "4711");
    let list_path = format!("/listexecutionspublic/{}", f::DEV_INSTANCE);
    let (_, list) = bench.get(&list_path, f::DEV_ORG_KEY).await;
    assert_eq!(list["data"]["executions"][0]["n8nExecutionId"], "4711");
    assert_eq!(list["data"]["executions"][0]["status"], "success");

    for name in ["submitworkflowresult", "submitworkflowerror"] {
        let (status, body) = callback(&bench, name, &request).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert_eq!(body["code"], "EXECUTION_NOT_PENDING");
    }
    assert_eq!(bench.status(&id).await, view);

    let (id, secret) = registered(&bench).await;
    let request = json!({
        "executionId": id, "executionSecret": secret, "errorType": "timeout",
        "errorMessage": "too slow", "failedNodeName": "Ask", "lastExecutedNode": "Prepare",
        "n8nExecutionId": "4712",
    });
    assert_eq!(callback(&bench, "submitworkflowerror", &request).await.0, StatusCode::OK);
    let view = bench.status(&id).await;
    assert_eq!(view["errorDetails"]["type"], "timeout");
    assert_eq!(view["errorDetails"]["message"], "too slow");
    assert_eq!(view["errorDetails"]["failedNodeName"], "Ask");
    let details = format!("/getexecutiondetailspublic/{}/{id}", f::DEV_INSTANCE);
    let (_, details) = bench.get(&details, f::DEV_ORG_KEY).await;
    assert_eq!(details["execution"]["status"], "failed");
    assert_eq!(details["execution"]["n8nExecutionId"], "4712");
    let (_, list) = bench.get(&list_path, f::DEV_ORG_KEY).await;
    let newest = &list["data"]["executions"][0];
    assert_eq!((&newest["status"], &newest["n8nExecutionId"]), (&json!("failed"), &json!("4712")));
    assert_eq!(newest["errorDetails"], json!({ "message": "too slow", "failedNodeName": "Ask" }));
}

#[tokio::test]
async fn s35_an_uploaded_file_gets_an_id() {
    let bench = Bench::start().await;
    let (id, secret) = registered(&bench).await;
    let part =
        |name: &str, value: &str| format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    let form = |secret: &str| {
        [
            part("executionId", &id),
            part("executionSecret", secret),
            part("fieldKey", "report"),
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"r.csv\"\r\nContent-Type: text/csv\r\n\r\na,b\r\n1,2\r\n--b--\r\n".to_owned(),
        ]
        .concat()
    };
    let upload = async |body: String| {
        let url = format!("{}/uploadworkflowoutput", bench.emulator.base_url());
        let request = bench.http.post(url).header("Content-Type", "multipart/form-data; boundary=b");
        answer(request.body(body)).await
    };
    assert_eq!(upload(form("wrong")).await.0, StatusCode::UNAUTHORIZED);
    let (status, body) = upload(form(&secret)).await;
    assert_eq!(status, StatusCode::OK, "{body}");
    let expected = ["success", "documentId", "storagePath", "fileName", "fileSize", "mimeType"];
    assert_eq!(members(&body), expected);
    assert_eq!(body["fileName"], "r.csv");
    assert_eq!(body["fileSize"], 8);
    assert_eq!(body["mimeType"], "text/csv");
    let url = format!("{}/_emulator/files/{}", bench.emulator.base_url(), body["documentId"].as_str().expect("an id"));
    let file = bench.http.get(url).send().await.expect("an answer");
    assert_eq!(file.headers()["content-type"], "text/csv");
    assert_eq!(file.headers()["content-disposition"], "attachment; filename*=UTF-8''r%2Ecsv");
    assert_eq!(file.text().await.expect("a body"), "a,b\r\n1,2");
    let result = json!({
        "executionId": id, "executionSecret": secret, "resultData": { "report": body["documentId"] },
    });
    callback(&bench, "submitworkflowresult", &result).await;
    assert_eq!(bench.status(&id).await["resultData"]["report"], body["documentId"]);
    let (status, body) = upload(form(&secret)).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    assert_eq!(body["code"], "EXECUTION_NOT_PENDING");
}

#[tokio::test]
async fn s36_the_old_bodies_still_work() {
    let bench = Bench::start().await;
    let (id, secret) = registered(&bench).await;
    let request = json!({ "executionId": id, "executionSecret": secret, "result": [1] });
    assert_eq!(callback(&bench, "submitworkflowresult", &request).await.0, StatusCode::OK);
    assert_eq!(bench.status(&id).await["resultData"], json!([1]));

    let (id, secret) = registered(&bench).await;
    let request = json!({
        "executionId": id, "executionSecret": secret,
        "error": { "message": "old", "type": "validation_error", "failedNodeName": "Check" },
    });
    assert_eq!(callback(&bench, "submitworkflowerror", &request).await.0, StatusCode::OK);
    let details = bench.status(&id).await["errorDetails"].clone();
    assert_eq!(details["message"], "old");
    assert_eq!(details["type"], "validation_error");
    assert_eq!(details["failedNodeName"], "Check");
}
