//! Every address of a page, built in one place.

use model::{EnvSlug, RunId, RunStatus, UserId, WorkflowId};

pub const LOG_IN: &str = "/login";
pub const LOG_OUT: &str = "/logout";
pub const SET_UP: &str = "/setup";
pub const RUNS: &str = "/runs";
pub const PREFERENCES: &str = "/preferences";
pub const SETTINGS: &str = "/settings";
pub const PROFILE: &str = "/settings/profile";
pub const TOKENS: &str = "/settings/tokens";
pub const PEOPLE: &str = "/settings/people";
pub const INVITE: &str = "/invite";
pub const AUDIT: &str = "/audit";
pub const AUDIT_CSV: &str = "/audit/entries.csv";
pub const AUDIT_NDJSON: &str = "/audit/entries.ndjson";
pub const ENVIRONMENTS: &str = "/settings/environments";
pub const NEW_ENVIRONMENT: &str = "/settings/environments/new";
pub const ABOUT: &str = "/settings/about";

/// The page about one account.
pub fn person(id: &UserId) -> String {
    format!("{PEOPLE}/{id}")
}

/// Where an environment is set up.
pub fn environment(env: &EnvSlug) -> String {
    format!("{ENVIRONMENTS}/{env}")
}

pub fn home(env: &EnvSlug) -> String {
    format!("/{env}")
}

pub fn add_workflow(env: &EnvSlug) -> String {
    format!("/{env}/add-workflow")
}

pub fn workflow(env: &EnvSlug, id: &WorkflowId) -> String {
    format!("/{env}/workflows/{id}")
}

/// Takes a workflow away that was added by hand.
pub fn remove_workflow(env: &EnvSlug, id: &WorkflowId) -> String {
    format!("/{env}/workflows/{id}/remove")
}

/// The form of one submission: its draft key makes a doubled submit one run.
/// It stays known from which run it was filled.
pub fn draft(env: &EnvSlug, id: &WorkflowId, key: &str, from: Option<&RunId>) -> String {
    let from = from.map(|run| format!("&from={run}")).unwrap_or_default();
    format!("/{env}/workflows/{id}?draft={key}{from}")
}

/// A new form, filled with the input of an earlier run.
pub fn run_again(env: &EnvSlug, id: &WorkflowId, from: &RunId) -> String {
    format!("/{env}/workflows/{id}?from={from}")
}

pub fn run(id: &RunId) -> String {
    format!("/runs/{id}")
}

pub fn run_tab(id: &RunId, tab: &str) -> String {
    format!("/runs/{id}?tab={tab}")
}

/// The exact bytes of a result, as a download.
pub fn run_result(id: &RunId) -> String {
    format!("/runs/{id}/result.json")
}

/// Log-in that leads back to `next`, a path of ours.
pub fn log_in_then(next: &str) -> String {
    format!("{LOG_IN}?next={}", encode(next))
}

/// The page of a form or a download whose own address is none.
pub fn page_of(path: &str) -> &str {
    path.strip_suffix("/result.json").or_else(|| path.strip_suffix("/remove")).unwrap_or(path)
}

/// The state of the list of runs; it lives in the address.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunsFilter {
    pub status: Option<RunStatus>,
    pub environment: Option<EnvSlug>,
    pub workflow: Option<WorkflowId>,
    pub after: Option<String>,
}

impl RunsFilter {
    pub fn path(&self) -> String {
        let pairs = [
            ("status", self.status.map(|status| status.as_str().to_owned())),
            ("environment", self.environment.as_ref().map(ToString::to_string)),
            ("workflow", self.workflow.as_ref().map(ToString::to_string)),
            ("after", self.after.clone()),
        ];
        let query: Vec<String> =
            pairs.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", encode(&value?)))).collect();
        if query.is_empty() { RUNS.to_owned() } else { format!("{RUNS}?{}", query.join("&")) }
    }
}

fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

/// Only a path on this server may follow a log-in.
pub fn is_local(path: &str) -> bool {
    path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\n', '\r', '\t'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_an_address() {
        assert_eq!(RunsFilter::default().path(), "/runs");
        let filter =
            RunsFilter { status: Some(RunStatus::NotSent), after: Some("a b".into()), ..RunsFilter::default() };
        assert_eq!(filter.path(), "/runs?status=not_sent&after=a%20b");
    }

    #[test]
    fn what_is_no_page_has_one() {
        assert_eq!(page_of("/runs/x/result.json"), "/runs/x");
        assert_eq!(page_of("/dev/workflows/x/remove"), "/dev/workflows/x");
        assert_eq!(page_of("/dev/workflows/x?draft=1"), "/dev/workflows/x?draft=1");
    }

    #[test]
    fn log_in_never_leads_elsewhere() {
        for bad in ["//evil.example", "https://evil.example", "/\\evil.example", "", "evil", "/a\nb"] {
            assert!(!is_local(bad), "{bad:?}");
        }
        assert!(is_local("/dev/workflows/x?draft=1"));
        assert_eq!(log_in_then("/dev?a=b&c"), "/login?next=/dev%3Fa%3Db%26c");
    }
}
