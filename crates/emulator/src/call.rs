//! Which endpoint a path means, in each of the three spellings of §1.4.

use axum::http::{Method, Uri};
use percent_encoding::percent_decode_str;
use serde::{Deserialize, Serialize};

use crate::reply::Family;

/// How the first path segment is spelled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Style {
    /// `/webhook`, `/status`
    Short,
    /// `/triggerwebhookpublic`
    Function,
    /// `/triggerWebhookPublic`, and any other mixture of cases
    Documented,
}

/// An endpoint of the platform, with the ids of its path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Endpoint {
    Trigger { instance: String, workflow: String },
    Status { instance: String, execution: String },
    Skills { instance: String },
    Executions { instance: String },
    Details { instance: String, execution: String },
    Instance,
    Instances,
    Verify,
    Activate,
    Deactivate,
    Projects,
    Project,
    Metadata,
    CreateExecution,
    SubmitResult,
    SubmitError,
    Upload,
    Embedding,
}

/// What a fault is aimed at: one endpoint, several, or all of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Target {
    #[default]
    All,
    Trigger,
    Status,
    Skills,
    Instance,
    Details,
    Verify,
    /// Both lists.
    Lists,
    ListExecutions,
    ListInstances,
    /// What changes or describes an organization's things.
    Manage,
    Activate,
    Deactivate,
    Projects,
    Project,
    Metadata,
    /// What running workflows call.
    Callbacks,
    CreateExecution,
    SubmitResult,
    SubmitError,
    Upload,
    Embedding,
}

/// A path that was understood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    pub endpoint: Endpoint,
    pub style: Style,
}

impl Call {
    /// What `uri` asks for; `None` for a path the platform does not know.
    #[must_use]
    pub fn parse(uri: &Uri) -> Option<Self> {
        let path = uri.path().strip_prefix('/')?;
        let path = path.strip_suffix('/').unwrap_or(path);
        let mut segments = path.split('/').map(decode);
        let first = segments.next()?;
        let rest: Vec<String> = segments.collect();
        if rest.iter().any(String::is_empty) {
            return None;
        }
        let lower = first.to_ascii_lowercase();
        let endpoint = Endpoint::named(&lower, rest)?;
        let style = match (lower.as_str(), lower == first) {
            ("webhook" | "status", _) => Style::Short,
            (_, true) => Style::Function,
            (_, false) => Style::Documented,
        };
        Some(Self { endpoint, style })
    }
}

fn decode(segment: &str) -> String {
    percent_decode_str(segment).decode_utf8_lossy().into_owned()
}

impl Endpoint {
    fn named(first: &str, rest: Vec<String>) -> Option<Self> {
        let mut rest = rest.into_iter();
        let (one, two, three) = (rest.next(), rest.next(), rest.next());
        Some(match (first, one, two, three) {
            ("webhook" | "triggerwebhookpublic", Some(instance), Some(workflow), None) => {
                Self::Trigger { instance, workflow }
            }
            ("status" | "getexecutionstatuspublic", Some(instance), Some(execution), None) => {
                Self::Status { instance, execution }
            }
            ("getexecutiondetailspublic", Some(instance), Some(execution), None) => {
                Self::Details { instance, execution }
            }
            ("getprocessskillspublic", Some(instance), None, None) => Self::Skills { instance },
            ("listexecutionspublic", Some(instance), None, None) => Self::Executions { instance },
            (name, None, None, None) => Self::plain(name)?,
            _ => return None,
        })
    }

    fn plain(name: &str) -> Option<Self> {
        Some(match name {
            "getprocessinstancepublic" => Self::Instance,
            "listprocessinstancespublic" => Self::Instances,
            "verifyapikey" => Self::Verify,
            "activateprocessinstancepublic" => Self::Activate,
            "deactivateprocessinstancepublic" => Self::Deactivate,
            "listprojectspublic" => Self::Projects,
            "getprojectpublic" => Self::Project,
            "getmetadatadocumentsendpoint" => Self::Metadata,
            "createworkflowexecution" => Self::CreateExecution,
            "submitworkflowresult" => Self::SubmitResult,
            "submitworkflowerror" => Self::SubmitError,
            "uploadworkflowoutput" => Self::Upload,
            "submitembeddingresult" => Self::Embedding,
            _ => return None,
        })
    }

    /// The one method the endpoint answers to.
    #[must_use]
    pub const fn method(&self) -> Method {
        match self {
            Self::Status { .. }
            | Self::Skills { .. }
            | Self::Executions { .. }
            | Self::Details { .. }
            | Self::Instances
            | Self::Projects => Method::GET,
            _ => Method::POST,
        }
    }

    /// How the endpoint spells errors; *skills* has a switch of its own.
    #[must_use]
    pub const fn family(&self) -> Family {
        match self {
            Self::Trigger { .. }
            | Self::Status { .. }
            | Self::Details { .. }
            | Self::CreateExecution
            | Self::SubmitResult
            | Self::SubmitError
            | Self::Upload
            | Self::Embedding => Family::Flat,
            _ => Family::Nested,
        }
    }

    /// The names that faults know it by: its own, and that of its group.
    const fn targets(&self) -> [Target; 2] {
        match self {
            Self::Trigger { .. } => [Target::Trigger; 2],
            Self::Status { .. } => [Target::Status; 2],
            Self::Skills { .. } => [Target::Skills; 2],
            Self::Instance => [Target::Instance; 2],
            Self::Details { .. } => [Target::Details; 2],
            Self::Verify => [Target::Verify; 2],
            Self::Executions { .. } => [Target::ListExecutions, Target::Lists],
            Self::Instances => [Target::ListInstances, Target::Lists],
            Self::Activate => [Target::Activate, Target::Manage],
            Self::Deactivate => [Target::Deactivate, Target::Manage],
            Self::Projects => [Target::Projects, Target::Manage],
            Self::Project => [Target::Project, Target::Manage],
            Self::Metadata => [Target::Metadata, Target::Manage],
            Self::CreateExecution => [Target::CreateExecution, Target::Callbacks],
            Self::SubmitResult => [Target::SubmitResult, Target::Callbacks],
            Self::SubmitError => [Target::SubmitError, Target::Callbacks],
            Self::Upload => [Target::Upload, Target::Callbacks],
            Self::Embedding => [Target::Embedding, Target::Callbacks],
        }
    }

    /// Whether a fault with this target is meant.
    #[must_use]
    pub fn is_hit_by(&self, target: Target) -> bool {
        target == Target::All || self.targets().contains(&target)
    }
}

#[cfg(test)]
mod tests {
    use super::{Call, Endpoint, Style};

    fn parse(path: &str) -> Option<Call> {
        Call::parse(&path.parse().expect("a test path"))
    }

    #[test]
    fn three_spellings_and_a_trailing_slash_mean_the_same() {
        let paths = [
            ("/webhook/pi/wf", Style::Short),
            ("/triggerwebhookpublic/pi/wf/", Style::Function),
            ("/triggerWebhookPublic/pi/wf", Style::Documented),
        ];
        for (path, style) in paths {
            let call = parse(path).expect(path);
            assert_eq!(call.style, style);
            let expected = Endpoint::Trigger { instance: "pi".to_owned(), workflow: "wf".to_owned() };
            assert_eq!(call.endpoint, expected);
        }
    }

    #[test]
    fn ids_keep_their_case_and_lose_their_percent_signs() {
        let call = parse("/STATUS/Pi%2F1/eX").expect("known");
        let expected = Endpoint::Status { instance: "Pi/1".to_owned(), execution: "eX".to_owned() };
        assert_eq!(call.endpoint, expected);
    }

    #[test]
    fn other_paths_are_unknown() {
        for path in ["/nothing", "/webhook/pi", "/webhook/pi/wf/more", "/status//e", "/verifyapikey/x"] {
            assert_eq!(parse(path), None, "{path}");
        }
    }
}
