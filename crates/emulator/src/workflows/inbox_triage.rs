//! `inbox-triage`: started by incoming mail only, so the trigger endpoint does not know it.

use super::{Trigger, Work, Workflow};
use crate::input::invalid;

pub fn workflow() -> Workflow {
    Workflow {
        id: "inbox-triage".to_owned(),
        name: "Inbox triage".to_owned(),
        cost: 1.0,
        integrations: vec!["gmail".to_owned()],
        triggers: vec![Trigger::ServiceEvent {
            service: "email".to_owned(),
            event_type: "message_received".to_owned(),
        }],
        skill: None,
        work: Some(Work::Code(|run| {
            Box::pin(async move {
                let error = invalid("This workflow is started by incoming mail");
                Err(run.fail("Mail trigger", 5, error).await)
            })
        })),
        endpoint: None,
    }
}
