//! The shapes as written: exactly the documented members, in both directions.

use codika::wire::{
    DetailsReply, Envelope, ErrorDetails, FamilyAError, FamilyBError, InstanceReply, SkillsReply, StatusEnvelope,
    Trigger, TriggerReply, Workflow,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

/// Read and written again, nothing is lost and nothing added.
fn survives<T: Serialize + DeserializeOwned>(document: Value) {
    let read: T = serde_json::from_str(&document.to_string()).unwrap();
    assert_eq!(serde_json::to_value(&read).unwrap(), document);
}

#[test]
fn documented_samples_survive() {
    survives::<TriggerReply>(json!({ "success": true, "executionId": "e1", "message": "Execution started" }));
    survives::<StatusEnvelope>(json!({ "success": true, "execution": {
        "executionId": "e1", "status": "success", "createdAt": "2026-03-04T14:30:01.000Z", "duration": 2310,
        "resultData": { "summary": "Three late invoices", "total": 3 } } }));
    survives::<StatusEnvelope>(json!({ "success": true, "execution": {
        "executionId": "e2", "status": "failed", "createdAt": "2026-03-04T14:31:00.000Z", "duration": 812,
        "errorDetails": { "message": "CRM answered 429", "type": "external_api_error", "code": "429",
                          "failedNodeName": "Fetch contacts", "lastNode": "Init" } } }));
    survives::<SkillsReply>(json!({ "success": true, "data": { "processInstanceId": "i", "skills": [
        { "name": "n", "description": "d", "workflowTemplateId": "wf", "contentMarkdown": "# x" }] } }));
    survives::<DetailsReply>(json!({ "success": true, "execution": {
        "codikaExecutionId": "e1", "n8nExecutionId": null, "status": "pending", "n8nExecution": null }, "requestId": "r" }));
    survives::<InstanceReply>(json!({ "success": true, "data": {
        "processInstanceId": "i", "processId": "p", "environment": "prod", "isActive": true, "archived": false,
        "currentVersion": "1.12", "title": "Lead desk", "organizationId": "o", "installedAt": null,
        "lastExecutedAt": null, "deployment": {
            "deploymentInstanceId": "d", "deploymentStatus": "deployed",
            "deploymentParameters": { "MAX_ITEMS": 20 }, "deploymentInputSchema": [],
            "workflows": [{ "workflowId": "wf", "n8nWorkflowId": "aZ09", "workflowName": "Wf" }] } }, "requestId": "r" }));
    survives::<FamilyAError>(json!({ "success": false, "error": "text", "code": "C" }));
    survives::<FamilyBError>(
        json!({ "success": false, "error": { "code": "C", "message": "text" }, "requestId": "r" }),
    );
}

#[test]
fn a_workflow_has_three_members_or_seven() {
    let mut workflow = Workflow {
        workflow_id: "wf".to_owned(),
        n8n_workflow_id: None,
        workflow_name: "Wf".to_owned(),
        n8n_workflow_is_active: None,
        triggers: None,
        cost: None,
        integration_uids: None,
    };
    let written = serde_json::to_value(&workflow).unwrap();
    assert_eq!(written, json!({ "workflowId": "wf", "n8nWorkflowId": null, "workflowName": "Wf" }));
    workflow.n8n_workflow_is_active = Some(true);
    workflow.triggers = Some(vec![Trigger { kind: "http".to_owned(), ..Trigger::default() }]);
    workflow.cost = Some(2.0);
    workflow.integration_uids = Some(Vec::new());
    let written = serde_json::to_value(&workflow).unwrap();
    assert_eq!(written.as_object().unwrap().len(), 7);
    assert_eq!(written["cost"].to_string(), "2", "whole credits are integers");
    assert_eq!(written["triggers"], json!([{ "type": "http" }]));
}

#[test]
fn written_results_are_byte_identical() {
    let body = r#"{"success":true,"execution":{"status":"success","resultData":{ "a" : 1.0e+2 }}}"#;
    let read: StatusEnvelope = serde_json::from_str(body).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), body);
}

#[test]
fn members_of_odd_types_count_as_absent() {
    let workflow: Workflow = serde_json::from_str(
        r#"{"workflowId":"wf","workflowName":null,"cost":"two","triggers":{},"integrationUids":["a",7],"n8nWorkflowIsActive":1}"#,
    )
    .unwrap();
    assert_eq!((workflow.workflow_name.as_str(), workflow.cost, workflow.triggers), ("", None, None));
    assert_eq!(workflow.integration_uids, Some(vec!["a".to_owned()]));
    let envelope: Envelope<Value> = serde_json::from_str(r#"{"success":"yes","data":1,"requestId":9}"#).unwrap();
    assert!(envelope.success);
    assert_eq!(envelope.request_id.as_deref(), Some("9"));
    assert_eq!(ErrorDetails::from_raw("[1]"), ErrorDetails::default());
}
