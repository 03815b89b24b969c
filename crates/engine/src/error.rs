use schema::FieldError;
use thiserror::Error;

use crate::StoreError;

/// What can come of a verb of the engine besides its answer.
#[derive(Debug, Error)]
pub enum EngineError {
    /// A person can act on it; the text is fit for them.
    #[error("{0}")]
    Problem(#[from] Problem),
    /// The database did not do its part. Nothing was acknowledged.
    #[error("the database did not do its part")]
    Store(#[from] StoreError),
    /// A fault of ours; the text is for the log.
    #[error("internal fault: {0}")]
    Internal(&'static str),
}

/// Everything a caller can do wrong or be refused, in words for people.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Problem {
    #[error("You do not have the right to do this.")]
    Forbidden,
    #[error("There is no such run.")]
    NoSuchRun,
    #[error("There is no environment “{0}”.")]
    NoSuchEnvironment(String),
    #[error("The environment “{0}” is disabled: nothing is started in it.")]
    EnvironmentDisabled(String),
    #[error("Nothing is started in this environment at the moment. {0}")]
    InstanceInactive(String),
    #[error("The environment “{0}” comes from the settings of the server and is changed there.")]
    EnvironmentReadOnly(String),
    #[error("There is no workflow “{workflow}” in {environment}.")]
    NoSuchWorkflow { workflow: String, environment: String },
    #[error("Please correct the marked fields.")]
    Invalid(Vec<FieldError>),
    #[error("The input is too large: {bytes} bytes, and at most {limit} are allowed.")]
    TooLarge { bytes: usize, limit: usize },
    #[error("This idempotency key was already used with another input.")]
    KeyReused { run: model::RunId },
    #[error("Too many runs in a short time. Try again in {retry_after_s} s.")]
    TooManyRuns { retry_after_s: u64 },
    #[error("Too many attempts at once. Try again in a few seconds.")]
    TooManyLogins,
    #[error("Email or password is wrong.")]
    WrongLogin,
    #[error("This account is disabled. Ask an administrator.")]
    AccountDisabled,
    #[error("There is no such account.")]
    NoSuchAccount,
    #[error("There is no such token.")]
    NoSuchToken,
    #[error("This is the last administrator who can log in. Make somebody else an administrator first.")]
    LastAdmin,
    #[error("This link was used or is too old. Ask for a new one.")]
    LinkClosed,
    #[error("This set-up link is not valid any more.")]
    SetUpClosed,
    #[error("{}. Tick the box to run it all the same.", .0.title)]
    InDoubt(Box<model::Doubt>),
    #[error("This cannot be done: the run is now “{0}”.")]
    WrongState(&'static str),
    #[error("{0}")]
    BadValue(String),
}
