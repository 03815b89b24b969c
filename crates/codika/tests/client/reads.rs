//! The calls around workflows, executions, instances, keys and projects.

use codika::{CallErrorKind, Client, ExecutionId, wire::StatusWord};
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_json, header, method, path, query_param, query_param_is_missing},
};

use crate::support::{INSTANCE, INSTANCE_KEY, ORG_KEY, Server, config, json as answer};

async fn mock(verb: &str, at: &str, data: Value) -> (MockServer, Client) {
    let server = MockServer::start().await;
    let body = json!({ "success": true, "requestId": "r1", "data": data });
    Mock::given(method(verb))
        .and(path(at.to_owned()))
        .and(header("x-process-manager-key", ORG_KEY))
        .respond_with(ResponseTemplate::new(200).set_body_json(body))
        .mount(&server)
        .await;
    let client = Client::new(config(&server.uri())).unwrap();
    (server, client)
}

#[tokio::test]
async fn skills() {
    let skill =
        json!({ "name": "n", "description": "d", "workflowTemplateId": "wf", "contentMarkdown": "# x", "new": 1 });
    let data = json!({ "processInstanceId": INSTANCE, "skills": [skill, { "name": "no workflow" }, 7] });
    let (_server, client) = mock("GET", &format!("/getprocessskillspublic/{INSTANCE}"), data).await;
    let skills = client.skills().await.unwrap().skills;
    assert_eq!(skills.len(), 1, "items that cannot be read are left out");
    assert_eq!((skills[0].workflow_template_id.as_str(), skills[0].relative_path.as_deref()), ("wf", None));
}

#[tokio::test]
async fn skills_and_instance_fall_back_to_the_instance_key() {
    let server = Server::answering(answer(200, r#"{"data":{"processInstanceId":"x"}}"#), false).await;
    let mut config = server.config();
    config.org_key = None;
    let client = Client::new(config).unwrap();
    client.skills().await.unwrap();
    client.instance(false).await.unwrap();
    for request in server.seen.requests() {
        assert!(request.contains(&format!("x-api-key: {INSTANCE_KEY}")), "{request}");
    }
}

#[tokio::test]
async fn instance_with_details() {
    let schema = json!([{ "key": "email", "type": "string", "required": true }]);
    let data = json!({
        "processInstanceId": INSTANCE, "environment": "prod", "isActive": true, "archived": false,
        "currentVersion": "1.50", "installedAt": null, "lastExecutedAt": null,
        "deployment": {
            "deploymentStatus": "deployed",
            "workflows": [
                { "workflowId": "score", "n8nWorkflowId": null, "workflowName": "Score", "n8nWorkflowIsActive": true,
                  "cost": 0.02, "integrationUids": ["openai"],
                  "triggers": [{ "type": "http", "method": "POST", "inputSchema": schema }, { "type": "brand_new" }] },
                { "workflowId": "plain", "n8nWorkflowId": "aZ09", "workflowName": "Plain" },
            ],
        },
    });
    let (server, client) = mock("POST", "/getprocessinstancepublic", data).await;
    let instance = client.instance(true).await.unwrap();
    assert_eq!(instance.current_version.as_deref(), Some("1.50"));
    let workflows = instance.deployment.unwrap().workflows;
    let triggers = workflows[0].triggers.as_ref().unwrap();
    assert_eq!(triggers[0].input_schema, Some(schema));
    assert_eq!((triggers[1].kind.as_str(), workflows[0].cost), ("brand_new", Some(0.02)));
    assert_eq!((workflows[1].triggers.as_ref(), workflows[1].cost), (None, None));
    let requests = server.received_requests().await.unwrap();
    let body: Value = requests[0].body_json().unwrap();
    assert_eq!(body, json!({ "processInstanceId": INSTANCE, "includeWorkflowDetails": true }));
    client.instance(false).await.unwrap();
    let body: Value = server.received_requests().await.unwrap()[1].body_json().unwrap();
    assert_eq!(body, json!({ "processInstanceId": INSTANCE }));
}

#[tokio::test]
async fn verify_sends_an_empty_body_of_json() {
    let server =
        Server::answering(answer(200, r#"{"success":true,"data":{"type":"org-api-key","scopes":["a:b"]}}"#), false)
            .await;
    let info = server.client().verify().await.unwrap();
    assert_eq!((info.kind.as_str(), info.scopes.unwrap()), ("org-api-key", vec!["a:b".to_owned()]));
    let request = server.seen.requests()[0].to_ascii_lowercase();
    assert!(request.starts_with("post /verifyapikey http/1.1\r\n"), "{request}");
    assert!(
        request.contains("content-length: 0\r\n") && request.contains("content-type: application/json"),
        "{request}"
    );
    assert!(request.ends_with("\r\n\r\n"));
}

#[tokio::test]
async fn executions_with_and_without_filters() {
    let listed = json!({ "executionId": "e2", "workflowId": "wf", "triggerId": "t", "status": "failed", "createdAt": "c",
                         "n8nExecutionId": 4711, "errorDetails": { "message": "m" } });
    let data = json!({ "processInstanceId": INSTANCE, "count": 1, "executions": [listed] });
    let at = format!("/listexecutionspublic/{INSTANCE}");
    let (server, client) = mock("GET", &at, data).await;
    let list = client.list_executions(Some("a b&c"), Some(StatusWord::FAILED), 255).await.unwrap();
    assert_eq!((list.count, list.executions[0].n8n_execution_id.as_deref()), (1, Some("4711")));
    client.list_executions(None, None, 0).await.unwrap();
    let urls: Vec<_> =
        server.received_requests().await.unwrap().iter().map(|r| r.url.query().unwrap().to_owned()).collect();
    assert_eq!(urls, ["workflowId=a+b%26c&status=failed&limit=100", "limit=1"]);
}

#[tokio::test]
async fn instances_of_the_organization() {
    let item = json!({ "processInstanceId": "i", "isActive": false, "inactiveReason": "user_paused" });
    let (server, client) = mock("GET", "/listprocessinstancespublic", json!({ "count": 1, "instances": [item] })).await;
    let list = client.list_instances(Some("dev"), true, 2).await.unwrap();
    assert_eq!(list.instances[0].inactive_reason.as_deref(), Some("user_paused"));
    client.list_instances(None, false, 2).await.unwrap();
    let urls: Vec<_> =
        server.received_requests().await.unwrap().iter().map(|r| r.url.query().unwrap().to_owned()).collect();
    assert_eq!(urls, ["environment=dev&archived=true&limit=2", "limit=2"]);
}

#[tokio::test]
async fn details_keep_the_trace_raw() {
    let server = MockServer::start().await;
    let trace = r#"{ "data": {"resultData":{"runData":{}}}, "big": 1e400 }"#;
    let body = format!(
        r#"{{"success":true,"requestId":"r9","execution":{{"codikaExecutionId":"e1","n8nExecutionId":"7","status":"success","n8nExecution":{trace}}}}}"#
    );
    Mock::given(path(format!("/getexecutiondetailspublic/{INSTANCE}/e1")))
        .and(query_param("deep", "true"))
        .and(query_param_is_missing("slim"))
        .respond_with(ResponseTemplate::new(200).set_body_string(body))
        .mount(&server)
        .await;
    let id = ExecutionId::parse("e1").unwrap();
    let client = Client::new(config(&server.uri())).unwrap();
    let reply = client.execution_details(&id, true, false).await.unwrap();
    assert_eq!(reply.request_id.as_deref(), Some("r9"));
    assert_eq!(reply.execution.n8n_execution.unwrap().get(), trace);
}

#[tokio::test]
async fn switching_an_instance_on_and_off() {
    let data = json!({ "processInstanceId": INSTANCE, "isActive": true, "workflowCount": 3 });
    let (_server, client) = mock("POST", "/activateprocessinstancepublic", data).await;
    let on = client.activate().await.unwrap();
    assert_eq!((on.already, on.reply.is_active, on.reply.workflow_count), (false, Some(true), Some(3)));

    let server = MockServer::start().await;
    Mock::given(path("/deactivateprocessinstancepublic"))
        .and(body_json(json!({ "processInstanceId": INSTANCE })))
        .respond_with(
            ResponseTemplate::new(409).set_body_json(json!({ "success": false, "error": { "message": "already" } })),
        )
        .mount(&server)
        .await;
    let off = Client::new(config(&server.uri())).unwrap().deactivate().await.unwrap();
    assert!(off.already, "409 means it is done");
}

#[tokio::test]
async fn projects() {
    let data =
        json!({ "projects": [{ "id": "p1", "name": "P", "createdAt": null }], "count": 1, "organizationId": "o" });
    let (_server, client) = mock("GET", "/listprojectspublic", data).await;
    assert_eq!(client.list_projects(false, 20).await.unwrap().projects[0].id, "p1");
    let data = json!({ "id": "p1", "currentDeployment": { "version": "1.2", "deployedAt": null }, "stageCount": 4 });
    let (server, client) = mock("POST", "/getprojectpublic", data).await;
    let project = client.project("p1").await.unwrap();
    assert_eq!((project.current_deployment.unwrap().version.as_str(), project.stage_count), ("1.2", 4));
    let body: Value = server.received_requests().await.unwrap()[0].body_json().unwrap();
    assert_eq!(body, json!({ "projectId": "p1" }));
}

#[tokio::test]
async fn calls_of_the_organization_are_not_tried_with_an_instance_key() {
    let server = Server::answering(answer(200, "{}"), false).await;
    let mut config = server.config();
    config.org_key = None;
    let client = Client::new(config).unwrap();
    let id = ExecutionId::parse("e1").unwrap();
    let kinds = [
        client.verify().await.unwrap_err().kind,
        client.list_executions(None, None, 1).await.unwrap_err().kind,
        client.list_instances(None, false, 1).await.unwrap_err().kind,
        client.execution_details(&id, false, false).await.unwrap_err().kind,
        client.activate().await.unwrap_err().kind,
        client.deactivate().await.unwrap_err().kind,
        client.list_projects(false, 1).await.unwrap_err().kind,
        client.project("p").await.unwrap_err().kind,
    ];
    assert_eq!(kinds, [CallErrorKind::KeyMissing; 8]);
    assert_eq!(server.seen.connections(), 0);
}
