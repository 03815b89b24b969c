mod example;
mod fields;
mod frontmatter;
mod markdown;
mod output;
mod prose;
mod table;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::source::{FormSource, SourcedForm};
use frontmatter::Frontmatter;
use markdown::Body;

/// An author's description of a workflow (`SKILL.md`), and what can be learnt from it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct SkillDoc {
    /// Empty where the document does not say; the listing that delivered it knows better anyway.
    pub name: String,
    pub description: String,
    /// `workflowTemplateId`: joins the skill to its workflow.
    pub workflow_id: Option<String>,
    /// Without the frontmatter.
    pub body_markdown: String,
    pub form: Option<SourcedForm>,
    /// The payload of the author's trigger example.
    pub example: Option<Value>,
    /// Credits per execution, as the author states it.
    pub cost: Option<f64>,
    /// Runs on a schedule; a run by hand takes no input.
    pub scheduled: bool,
    pub outputs: Vec<OutputField>,
}

/// One member of the result, in the author's order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutputField {
    pub key: String,
    /// The author's word, lower case; `file` marks a document id.
    #[serde(rename = "type")]
    pub kind: String,
    pub description: Option<String>,
}

impl SkillDoc {
    /// Reads any text; what is missing or malformed is simply not known afterwards.
    pub fn parse(markdown: &str) -> SkillDoc {
        let (front, body_markdown) = frontmatter::split(markdown);
        let body = Body::read(body_markdown);
        let example = example::payload(&body);
        let scheduled = prose::is_scheduled(&front, &body);
        SkillDoc {
            name: front.text("name").unwrap_or_default(),
            description: front.text("description").unwrap_or_default(),
            workflow_id: front.text("workflowTemplateId"),
            form: form(&front, &body, example.as_ref(), scheduled),
            cost: prose::cost(&front, body_markdown),
            outputs: output::fields(&front, &body),
            body_markdown: body_markdown.trim().to_owned(),
            example,
            scheduled,
        }
    }

    /// Which of the platform's rules for skills the document breaks, as sentences for its author.
    pub fn issues(&self) -> Vec<String> {
        let mut out = Vec::new();
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.name.is_empty() {
            out.push("The skill has no name.".into());
        } else if self.name.len() > 64 || !self.name.chars().all(plain) {
            out.push("The name must be at most 64 lower-case letters, digits and hyphens.".into());
        } else if ["anthropic", "claude"].iter().any(|word| self.name.contains(word)) {
            out.push("The name must not contain “anthropic” or “claude”.".into());
        }
        if self.description.is_empty() {
            out.push("The skill has no description.".into());
        } else if self.description.chars().count() > 1024 {
            out.push("The description is longer than 1,024 characters.".into());
        }
        if self.workflow_id.is_none() {
            out.push("The skill names no workflow (workflowTemplateId).".into());
        }
        out
    }
}

fn form(front: &Frontmatter, body: &Body<'_>, example: Option<&Value>, scheduled: bool) -> Option<SourcedForm> {
    let listed = fields::from_frontmatter(front);
    let (mut form, source) = if !listed.is_empty() {
        (listed, FormSource::SkillFrontmatter)
    } else {
        let tabled = fields::from_table(body);
        if !tabled.is_empty() {
            (tabled, FormSource::SkillTable)
        } else {
            (example::form(example), FormSource::SkillExample)
        }
    };
    if form.is_empty() {
        return scheduled.then_some(SourcedForm { form, source: FormSource::SkillSchedule });
    }
    example::add_placeholders(&mut form, example);
    Some(SourcedForm { form, source })
}

#[cfg(test)]
mod tests;
