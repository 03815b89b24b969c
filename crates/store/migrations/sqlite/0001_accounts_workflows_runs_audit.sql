-- Ids and words are TEXT, times INTEGER (milliseconds since the Unix epoch, UTC), JSON is TEXT.
-- This folder is append-only: a released migration is never edited, the next one follows it.

CREATE TABLE users (
    id            TEXT    NOT NULL PRIMARY KEY,
    email         TEXT    NOT NULL,
    -- The email in lower case, folded by the program: lower() of SQLite knows ASCII only.
    email_folded  TEXT    NOT NULL UNIQUE,
    name          TEXT    NOT NULL,
    role          TEXT    NOT NULL CHECK (role IN ('admin', 'member')),
    password_hash TEXT    NOT NULL,
    created_at    INTEGER NOT NULL,
    -- 1 for the person who set the dashboard up, else NULL: there is room for one.
    founder       INTEGER UNIQUE CHECK (founder = 1)
) STRICT;

CREATE TABLE sessions (
    fingerprint TEXT    NOT NULL PRIMARY KEY,
    user_id     TEXT    NOT NULL REFERENCES users (id),
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE api_tokens (
    fingerprint TEXT    NOT NULL PRIMARY KEY,
    user_id     TEXT    NOT NULL REFERENCES users (id),
    name        TEXT    NOT NULL,
    created_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX api_tokens_by_user ON api_tokens (user_id);

-- One row per failure and key (an account, an address).
CREATE TABLE login_failures (
    key TEXT    NOT NULL,
    at  INTEGER NOT NULL
) STRICT;
CREATE INDEX login_failures_by_key ON login_failures (key, at);
CREATE INDEX login_failures_by_time ON login_failures (at);

-- Workflows that an operator added by their id.
CREATE TABLE workflows (
    environment TEXT NOT NULL,
    id          TEXT NOT NULL,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    schema      TEXT,
    PRIMARY KEY (environment, id)
) STRICT;

CREATE TABLE runs (
    id            TEXT    NOT NULL PRIMARY KEY,
    environment   TEXT    NOT NULL,
    workflow      TEXT    NOT NULL,
    workflow_name TEXT    NOT NULL,
    owner         TEXT    NOT NULL REFERENCES users (id),
    owner_name    TEXT    NOT NULL,
    door          TEXT    NOT NULL CHECK (door IN ('dashboard', 'api')),
    key           TEXT    NOT NULL,
    input         TEXT    NOT NULL,
    status        TEXT    NOT NULL CHECK (status IN (
        'queued', 'submitting', 'pending', 'success', 'failed',
        'rejected', 'not_sent', 'unconfirmed', 'stalled', 'cancelled'
    )),
    -- The newest attempt; writes of an older one are refused.
    epoch         INTEGER NOT NULL CHECK (epoch >= 1),
    -- The number of the newest event.
    seq           INTEGER NOT NULL CHECK (seq >= 1),
    execution_id  TEXT,
    created_at    INTEGER NOT NULL,
    accepted_at   INTEGER,
    finished_at   INTEGER,
    duration_ms   INTEGER,
    error         TEXT,
    result_bytes  INTEGER,
    UNIQUE (owner, environment, workflow, key)
) STRICT;
CREATE UNIQUE INDEX runs_by_execution ON runs (environment, execution_id) WHERE execution_id IS NOT NULL;
-- Run ids sort by time: a list asks each status for its newest ids along one of these indexes and merges
-- them. What stands behind the id lets a further condition be checked without a look at the row.
CREATE INDEX runs_by_status ON runs (status, id, workflow);
CREATE INDEX runs_by_environment ON runs (environment, status, id);
CREATE INDEX runs_by_workflow ON runs (environment, workflow, status, id);
CREATE INDEX runs_by_owner ON runs (owner, status, id, environment, workflow);

CREATE TRIGGER runs_final BEFORE UPDATE OF status ON runs
WHEN OLD.status IN ('success', 'failed', 'rejected', 'cancelled') AND NEW.status <> OLD.status
BEGIN
    SELECT RAISE(ABORT, 'this status of a run is final');
END;

-- Apart from `runs`, so that lists never read past megabytes.
CREATE TABLE results (
    run_id TEXT NOT NULL PRIMARY KEY REFERENCES runs (id),
    bytes  BLOB NOT NULL
) STRICT;
CREATE TRIGGER results_stored_once BEFORE UPDATE ON results
BEGIN
    SELECT RAISE(ABORT, 'a result is stored once');
END;

-- One row per request to Codika that was or may have been sent.
CREATE TABLE attempts (
    run_id      TEXT    NOT NULL REFERENCES runs (id),
    epoch       INTEGER NOT NULL,
    started_at  INTEGER NOT NULL,
    finished_at INTEGER,
    outcome     TEXT,
    PRIMARY KEY (run_id, epoch)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    run_id TEXT    NOT NULL REFERENCES runs (id),
    seq    INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    kind   TEXT    NOT NULL,
    text   TEXT    NOT NULL,
    PRIMARY KEY (run_id, seq)
) STRICT, WITHOUT ROWID;
CREATE TRIGGER events_without_gaps BEFORE INSERT ON events
WHEN NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM events WHERE run_id = NEW.run_id)
BEGIN
    SELECT RAISE(ABORT, 'the events of a run are numbered without gaps');
END;
CREATE TRIGGER events_never_change BEFORE UPDATE ON events
BEGIN
    SELECT RAISE(ABORT, 'an event never changes');
END;

CREATE TABLE audit (
    id      INTEGER PRIMARY KEY,
    at      INTEGER NOT NULL,
    -- A user's id, NULL for the program itself; no reference, an entry outlives the account.
    actor   TEXT,
    action  TEXT    NOT NULL,
    subject TEXT    NOT NULL,
    detail  TEXT    NOT NULL
) STRICT;
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
BEGIN
    SELECT RAISE(ABORT, 'an audit entry never changes');
END;
CREATE TRIGGER audit_never_shrinks BEFORE DELETE ON audit
BEGIN
    SELECT RAISE(ABORT, 'an audit entry is never deleted');
END;
-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER audit_never_replaced BEFORE INSERT ON audit
WHEN EXISTS (SELECT 1 FROM audit WHERE id = NEW.id)
BEGIN
    SELECT RAISE(ABORT, 'an audit entry is never replaced');
END;

-- Written by the readiness check, which has to see that a commit still reaches the disk.
CREATE TABLE probe (
    id    INTEGER PRIMARY KEY CHECK (id = 1),
    count INTEGER NOT NULL
) STRICT;
