use std::{fmt, str::FromStr};

/// Which of the platform's path spellings to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PathStyle {
    /// Finds out by asking for the status of a made-up execution.
    #[default]
    Auto,
    /// `/webhook` and `/status`, lower-case function paths for the rest.
    Short,
    /// Lower-case function paths, as the vendor's command line uses.
    Function,
    /// Mixed-case function paths, as the vendor's dashboard page prints them.
    Documented,
}

/// The setting is none of `auto`, `short`, `function`, `documented`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the path style must be auto, short, function or documented")]
pub struct PathStyleError;

impl PathStyle {
    /// The settings' word.
    pub fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Short => "short",
            Self::Function => "function",
            Self::Documented => "documented",
        }
    }
}

impl fmt::Display for PathStyle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl FromStr for PathStyle {
    type Err = PathStyleError;

    fn from_str(word: &str) -> Result<Self, PathStyleError> {
        [Self::Auto, Self::Short, Self::Function, Self::Documented]
            .into_iter()
            .find(|style| style.word() == word)
            .ok_or(PathStyleError)
    }
}

/// The calls this client makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Endpoint {
    Trigger,
    Status,
    Skills,
    Instance,
    Executions,
    Details,
    VerifyKey,
    Instances,
    Activate,
    Deactivate,
    Projects,
    Project,
}

impl Endpoint {
    /// The first path segment; an undecided style is spelled as [`PathStyle::Short`].
    pub fn segment(self, style: PathStyle) -> &'static str {
        let (lower, mixed) = self.names();
        match (style, self) {
            (PathStyle::Documented, _) => mixed,
            (PathStyle::Auto | PathStyle::Short, Self::Trigger) => "webhook",
            (PathStyle::Auto | PathStyle::Short, Self::Status) => "status",
            _ => lower,
        }
    }

    fn names(self) -> (&'static str, &'static str) {
        match self {
            Self::Trigger => ("triggerwebhookpublic", "triggerWebhookPublic"),
            Self::Status => ("getexecutionstatuspublic", "getExecutionStatusPublic"),
            Self::Skills => ("getprocessskillspublic", "getProcessSkillsPublic"),
            Self::Instance => ("getprocessinstancepublic", "getProcessInstancePublic"),
            Self::Executions => ("listexecutionspublic", "listExecutionsPublic"),
            Self::Details => ("getexecutiondetailspublic", "getExecutionDetailsPublic"),
            Self::VerifyKey => ("verifyapikey", "verifyApiKey"),
            Self::Instances => ("listprocessinstancespublic", "listProcessInstancesPublic"),
            Self::Activate => ("activateprocessinstancepublic", "activateProcessInstancePublic"),
            Self::Deactivate => ("deactivateprocessinstancepublic", "deactivateProcessInstancePublic"),
            Self::Projects => ("listprojectspublic", "listProjectsPublic"),
            Self::Project => ("getprojectpublic", "getProjectPublic"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_settings_words_parse_and_print() {
        for word in ["auto", "short", "function", "documented"] {
            assert_eq!(word.parse::<PathStyle>().unwrap().to_string(), word);
        }
        assert_eq!("Short".parse::<PathStyle>(), Err(PathStyleError));
    }

    #[test]
    fn each_style_has_its_spelling() {
        for (style, trigger, status, skills) in [
            (PathStyle::Auto, "webhook", "status", "getprocessskillspublic"),
            (PathStyle::Short, "webhook", "status", "getprocessskillspublic"),
            (PathStyle::Function, "triggerwebhookpublic", "getexecutionstatuspublic", "getprocessskillspublic"),
            (PathStyle::Documented, "triggerWebhookPublic", "getExecutionStatusPublic", "getProcessSkillsPublic"),
        ] {
            assert_eq!(Endpoint::Trigger.segment(style), trigger);
            assert_eq!(Endpoint::Status.segment(style), status);
            assert_eq!(Endpoint::Skills.segment(style), skills);
        }
    }

    #[test]
    fn the_spellings_differ_in_case_only() {
        use Endpoint::*;
        for endpoint in [
            Trigger, Status, Skills, Instance, Executions, Details, VerifyKey, Instances, Activate, Deactivate,
            Projects, Project,
        ] {
            let (lower, mixed) = endpoint.names();
            assert_eq!(lower, mixed.to_ascii_lowercase());
        }
    }
}
