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
        SettingChanged = "setting.changed",
        WorkflowAdded = "workflow.added",
        WorkflowRemoved = "workflow.removed",
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
        ResultsRemoved = "results.removed",
        EventsRemoved = "events.removed",
    }
}
