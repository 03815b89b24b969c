use serde::{Deserialize, Serialize};

use crate::form::Form;
use crate::skill::SkillDoc;

/// Where a form comes from; people see the label, since a form guessed from prose deserves less trust.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FormSource {
    /// Supplied by whoever operates the dashboard.
    Operator,
    /// The `inputSchema` of the workflow's trigger.
    Trigger,
    SkillFrontmatter,
    SkillTable,
    SkillExample,
    /// The skill says that the workflow runs on a schedule and takes no input.
    SkillSchedule,
    /// Nobody described the input: only the JSON editor is offered.
    #[default]
    None,
}

impl FormSource {
    pub fn label(self) -> &'static str {
        match self {
            Self::Operator => "from this dashboard's settings",
            Self::Trigger => "from the workflow",
            Self::SkillFrontmatter => "from the skill's input list",
            Self::SkillTable => "from the skill's input table",
            Self::SkillExample => "from the skill's example",
            Self::SkillSchedule => "the skill says it needs no input",
            Self::None => "no form known",
        }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SourcedForm {
    pub form: Form,
    pub source: FormSource,
}

/// What is known about a workflow's input. An empty form from the operator or the trigger is
/// knowledge too: the workflow takes no input.
#[derive(Clone, Copy, Debug, Default)]
pub struct FormCandidates<'a> {
    pub operator: Option<&'a Form>,
    pub trigger: Option<&'a Form>,
    pub skill: Option<&'a SkillDoc>,
}

/// The most trustworthy form there is: operator, trigger, skill; `None` leaves the JSON editor.
pub fn choose_form(from: FormCandidates<'_>) -> Option<SourcedForm> {
    let known = |form: &Form, source| SourcedForm { form: form.clone(), source };
    from.operator
        .map(|form| known(form, FormSource::Operator))
        .or_else(|| from.trigger.map(|form| known(form, FormSource::Trigger)))
        .or_else(|| from.skill.and_then(|skill| skill.form.clone()))
}

#[cfg(test)]
mod tests;
