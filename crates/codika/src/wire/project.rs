use serde::{Deserialize, Serialize};

use super::{Envelope, lenient};

/// `GET /listprojectspublic`.
pub type ProjectListReply = Envelope<ProjectList>;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ProjectList {
    #[serde(deserialize_with = "lenient::items")]
    pub projects: Vec<ProjectSummary>,
    #[serde(deserialize_with = "lenient::or_default")]
    pub count: u64,
    #[serde(deserialize_with = "lenient::text_or_empty")]
    pub organization_id: String,
}

/// A project in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectSummary {
    pub id: String,
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub name: String,
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub description: String,
    /// `draft`, `in_progress`, `completed`.
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub status: String,
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub has_published_process: bool,
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub created_by: String,
    #[serde(default, deserialize_with = "lenient::text")]
    pub created_at: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub archived: bool,
}

/// `POST` body of get project.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProjectRequest {
    pub project_id: String,
}

/// `POST /getprojectpublic`.
pub type ProjectReply = Envelope<Project>;

/// One project in full.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Project {
    pub id: String,
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub name: String,
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub description: String,
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub status: String,
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub has_published_process: bool,
    #[serde(default, deserialize_with = "lenient::text")]
    pub process_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub current_deployment: Option<CurrentDeployment>,
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub created_by: String,
    #[serde(default, deserialize_with = "lenient::text")]
    pub created_at: Option<String>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub archived: bool,
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub stage_count: u64,
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub current_stage: u64,
}

/// The deployment a [`Project`] shows as current.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CurrentDeployment {
    /// `X.Y`; not a number.
    #[serde(deserialize_with = "lenient::text_or_empty")]
    pub version: String,
    #[serde(deserialize_with = "lenient::text")]
    pub deployed_at: Option<String>,
}
