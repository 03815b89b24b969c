use std::time::Duration;

use serde_json::{Map, Value};

use super::{Client, request::Call};
use crate::{
    NotSentReason, TriggerOutcome,
    outcome::{judge, judge_lost},
    path::Endpoint,
    transport::{self, Answer, Lost},
    wire::TriggerRequest,
};

impl Client {
    /// Starts a workflow with one `POST` of `{"payload": …}`, never more.
    ///
    /// Nothing is found out before: with [`PathStyle::Auto`](crate::PathStyle::Auto) call
    /// [`Self::verify_path_style`] first. So the first byte is written within [`Self::first_byte_within`], or never.
    ///
    /// Dropping the future after it was first polled leaves the outcome unknown: run it on a task
    /// that nobody cancels.
    pub async fn trigger(&self, workflow_id: &str, payload: &Map<String, Value>) -> TriggerOutcome {
        match self.send_trigger(workflow_id, payload).await {
            Ok(answer) => judge(&answer, &self.inner.cleaner),
            Err(lost) => judge_lost(lost),
        }
    }

    /// How long a trigger may take to connect. Whoever must not send later than that can rely on it.
    pub fn first_byte_within(&self) -> Duration {
        transport::trigger_connects_within(self.config())
    }

    async fn send_trigger(&self, workflow_id: &str, payload: &Map<String, Value>) -> Result<Answer, Lost> {
        let caps = self.config().caps;
        let call = Call::new(Endpoint::Trigger, self.run_key(), &[&self.config().instance_id, workflow_id])?
            .post_json(&TriggerRequest { payload })?;
        if call.body_len() > caps.request {
            let detail =
                format!("the input is {} bytes as JSON; at most {} can be sent", call.body_len(), caps.request);
            return Err(Lost::unsendable(NotSentReason::PayloadTooLarge, detail));
        }
        let request = self.spelled(&self.inner.trigger_http, call, self.path_style());
        self.exchange(Endpoint::Trigger, request, caps.trigger_response).await
    }
}
