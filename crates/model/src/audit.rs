use crate::vocabulary::vocabulary;

vocabulary! {
    /// What the audit trail records. A word that was stored once keeps its meaning.
    AuditAction {
        AccountCreated = "account.created",
        SessionCreated = "session.created",
        SessionEnded = "session.ended",
        TokenCreated = "token.created",
        WorkflowAdded = "workflow.added",
        WorkflowRemoved = "workflow.removed",
        EnvironmentAdded = "environment.added",
        EnvironmentChanged = "environment.changed",
        EnvironmentKeyReplaced = "environment.key_replaced",
        EnvironmentDisabled = "environment.disabled",
        EnvironmentEnabled = "environment.enabled",
        EnvironmentRemoved = "environment.removed",
        MasterKeyRotated = "master_key.rotated",
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
