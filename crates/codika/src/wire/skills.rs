use serde::{Deserialize, Serialize};

use super::{Envelope, lenient};

/// `GET /getprocessskillspublic/{instance}`. Its errors come in either family.
pub type SkillsReply = Envelope<Skills>;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Skills {
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub process_instance_id: String,
    #[serde(default, deserialize_with = "lenient::items")]
    pub skills: Vec<Skill>,
}

/// An author's description of one triggerable workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Skill {
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub name: String,
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub description: String,
    /// The same value as [`Workflow::workflow_id`](super::Workflow::workflow_id).
    pub workflow_template_id: String,
    /// The whole `SKILL.md`, frontmatter included.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub content_markdown: String,
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub relative_path: Option<String>,
}
