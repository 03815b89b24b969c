-- A run that may have started and was run again all the same: by which run, and since when the first one
-- waits for no decision any more.
CREATE TABLE reruns (
    run_id      TEXT    NOT NULL PRIMARY KEY REFERENCES runs (id),
    rerun_id    TEXT    NOT NULL UNIQUE REFERENCES runs (id),
    resolved_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TRIGGER reruns_never_change BEFORE UPDATE ON reruns
BEGIN
    SELECT RAISE(ABORT, 'a run is run again once');
END;
CREATE TRIGGER runs_run_again BEFORE UPDATE OF status ON runs
WHEN NEW.status IN ('not_sent', 'submitting') AND EXISTS (SELECT 1 FROM reruns WHERE run_id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'a run that was run again is not sent again');
END;
