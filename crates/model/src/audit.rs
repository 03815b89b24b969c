use crate::vocabulary::vocabulary;

vocabulary! {
    /// What the audit trail records. A word that was stored once keeps its meaning.
    AuditAction {
        AccountCreated = "account.created",
        AccountRenamed = "account.renamed",
        AccountRoleChanged = "account.role_changed",
        AccountDisabled = "account.disabled",
        AccountEnabled = "account.enabled",
        InvitationCreated = "invitation.created",
        InvitationWithdrawn = "invitation.withdrawn",
        PasswordChanged = "password.changed",
        PasswordReset = "password.reset",
        SessionCreated = "session.created",
        SessionRefused = "session.refused",
        SessionSlowed = "session.slowed",
        SessionEnded = "session.ended",
        TokenCreated = "token.created",
        TokenRevoked = "token.revoked",
        GroupCreated = "group.created",
        GroupRemoved = "group.removed",
        GroupJoined = "group.joined",
        GroupLeft = "group.left",
        GrantGiven = "grant.given",
        GrantRevoked = "grant.revoked",
        SettingChanged = "setting.changed",
        WorkflowAdded = "workflow.added",
        WorkflowRemoved = "workflow.removed",
        EnvironmentAdded = "environment.added",
        EnvironmentChanged = "environment.changed",
        EnvironmentKeyReplaced = "environment.key_replaced",
        EnvironmentDisabled = "environment.disabled",
        EnvironmentEnabled = "environment.enabled",
        EnvironmentRemoved = "environment.removed",
        MasterKeyRotated = "master_key.rotated",
        WorkflowRunsShared = "workflow.runs_shared",
        RunStarted = "run.started",
        RunDispatched = "run.dispatched",
        RunInterrupted = "run.interrupted",
        RunWatched = "run.watched",
        RunWatchStopped = "run.watch_stopped",
        RunWatchResumed = "run.watch_resumed",
        RunClosed = "run.closed",
        RunSentAgain = "run.sent_again",
        RunMarkedNotStarted = "run.marked_not_started",
        RunAdopted = "run.adopted",
        RunRunAgain = "run.run_again",
        AuditExported = "audit.exported",
        ResultsRemoved = "results.removed",
        EventsRemoved = "events.removed",
    }
}

vocabulary! {
    /// What entries of the audit trail are about.
    AuditKind {
        Runs = "runs",
        SignIns = "sign-ins",
        People = "people",
        Rights = "rights",
        Tokens = "tokens",
        Workflows = "workflows",
        Environments = "environments",
        Settings = "settings",
    }
}

impl AuditAction {
    pub const fn kind(self) -> AuditKind {
        match self {
            Self::SessionCreated | Self::SessionRefused | Self::SessionSlowed | Self::SessionEnded => {
                AuditKind::SignIns
            }
            Self::AccountCreated
            | Self::AccountRenamed
            | Self::AccountDisabled
            | Self::AccountEnabled
            | Self::InvitationCreated
            | Self::InvitationWithdrawn
            | Self::PasswordChanged
            | Self::PasswordReset => AuditKind::People,
            Self::AccountRoleChanged
            | Self::GroupCreated
            | Self::GroupRemoved
            | Self::GroupJoined
            | Self::GroupLeft
            | Self::GrantGiven
            | Self::GrantRevoked
            | Self::WorkflowRunsShared => AuditKind::Rights,
            Self::TokenCreated | Self::TokenRevoked => AuditKind::Tokens,
            Self::WorkflowAdded | Self::WorkflowRemoved => AuditKind::Workflows,
            Self::EnvironmentAdded
            | Self::EnvironmentChanged
            | Self::EnvironmentKeyReplaced
            | Self::EnvironmentDisabled
            | Self::EnvironmentEnabled
            | Self::EnvironmentRemoved
            | Self::MasterKeyRotated => AuditKind::Environments,
            Self::SettingChanged | Self::AuditExported | Self::ResultsRemoved | Self::EventsRemoved => {
                AuditKind::Settings
            }
            Self::RunStarted
            | Self::RunDispatched
            | Self::RunInterrupted
            | Self::RunWatched
            | Self::RunWatchStopped
            | Self::RunWatchResumed
            | Self::RunClosed
            | Self::RunSentAgain
            | Self::RunMarkedNotStarted
            | Self::RunAdopted
            | Self::RunRunAgain => AuditKind::Runs,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_about_runs_is_known_by_its_word() {
        for action in AuditAction::ALL {
            assert_eq!(action.as_str().starts_with("run."), action.kind() == AuditKind::Runs, "{action:?}");
        }
    }
}
