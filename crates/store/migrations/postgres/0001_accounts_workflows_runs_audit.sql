-- The same tables as in ../sqlite, with the same meaning and the same refusals.
-- Ids and words are TEXT, times BIGINT (milliseconds since the Unix epoch, UTC), JSON is TEXT: jsonb refuses
-- \u0000. What is an id compares byte by byte (COLLATE "C"), as in SQLite.
-- This folder is append-only: a released migration is never edited, the next one follows it.

CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', TG_ARGV[0];
END $$;

CREATE TABLE users (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    email         TEXT   NOT NULL,
    -- The email in lower case, folded by the program: what lower() does depends on the database's locale.
    email_folded  TEXT COLLATE "C" NOT NULL UNIQUE,
    name          TEXT   NOT NULL,
    role          TEXT   NOT NULL CHECK (role IN ('admin', 'member')),
    password_hash TEXT   NOT NULL,
    created_at    BIGINT NOT NULL,
    -- 1 for the person who set the dashboard up, else NULL: there is room for one.
    founder       BIGINT UNIQUE CHECK (founder = 1)
);

CREATE TABLE sessions (
    fingerprint TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    user_id     TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    created_at  BIGINT NOT NULL,
    expires_at  BIGINT NOT NULL
);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);
CREATE INDEX sessions_by_user ON sessions (user_id);

CREATE TABLE api_tokens (
    fingerprint TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    user_id     TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    name        TEXT   NOT NULL,
    created_at  BIGINT NOT NULL
);
CREATE INDEX api_tokens_by_user ON api_tokens (user_id);

-- One row per failure and key (an account, an address).
CREATE TABLE login_failures (
    key TEXT COLLATE "C" NOT NULL,
    at  BIGINT NOT NULL
);
CREATE INDEX login_failures_by_key ON login_failures (key, at);
CREATE INDEX login_failures_by_time ON login_failures (at);

-- Workflows that an operator added by their id.
CREATE TABLE workflows (
    environment TEXT COLLATE "C" NOT NULL,
    id          TEXT COLLATE "C" NOT NULL,
    name        TEXT NOT NULL,
    description TEXT NOT NULL,
    schema      TEXT,
    PRIMARY KEY (environment, id)
);

CREATE TABLE runs (
    id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    environment   TEXT COLLATE "C" NOT NULL,
    workflow      TEXT COLLATE "C" NOT NULL,
    workflow_name TEXT   NOT NULL,
    owner         TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    owner_name    TEXT   NOT NULL,
    door          TEXT   NOT NULL CHECK (door IN ('dashboard', 'api')),
    key           TEXT COLLATE "C" NOT NULL,
    input         TEXT   NOT NULL,
    status        TEXT COLLATE "C" NOT NULL CHECK (status IN (
        'queued', 'submitting', 'pending', 'success', 'failed',
        'rejected', 'not_sent', 'unconfirmed', 'stalled', 'cancelled'
    )),
    -- The newest attempt; writes of an older one are refused.
    epoch         BIGINT NOT NULL CHECK (epoch >= 1),
    -- The number of the newest event.
    seq           BIGINT NOT NULL CHECK (seq >= 1),
    execution_id  TEXT COLLATE "C",
    created_at    BIGINT NOT NULL,
    accepted_at   BIGINT,
    finished_at   BIGINT,
    duration_ms   BIGINT,
    error         TEXT,
    result_bytes  BIGINT,
    UNIQUE (owner, environment, workflow, key)
);
CREATE UNIQUE INDEX runs_by_execution ON runs (environment, execution_id) WHERE execution_id IS NOT NULL;
-- Run ids sort by time: a list asks each status for its newest ids along one of these indexes and merges
-- them. What stands behind the id lets a further condition be checked without a look at the row.
CREATE INDEX runs_by_status ON runs (status, id, workflow);
CREATE INDEX runs_by_environment ON runs (environment, status, id);
CREATE INDEX runs_by_workflow ON runs (environment, workflow, status, id);
CREATE INDEX runs_by_owner ON runs (owner, status, id, environment, workflow);

CREATE TRIGGER runs_final BEFORE UPDATE OF status ON runs FOR EACH ROW
WHEN (OLD.status IN ('success', 'failed', 'rejected', 'cancelled') AND NEW.status <> OLD.status)
EXECUTE FUNCTION refuse('this status of a run is final');

-- Apart from `runs`, so that lists never read past megabytes.
CREATE TABLE results (
    run_id TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES runs (id),
    bytes  BYTEA NOT NULL
);
CREATE TRIGGER results_stored_once BEFORE UPDATE ON results FOR EACH ROW
EXECUTE FUNCTION refuse('a result is stored once');

-- One row per request to Codika that was or may have been sent.
CREATE TABLE attempts (
    run_id      TEXT COLLATE "C" NOT NULL REFERENCES runs (id),
    epoch       BIGINT NOT NULL,
    started_at  BIGINT NOT NULL,
    finished_at BIGINT,
    outcome     TEXT,
    PRIMARY KEY (run_id, epoch)
);

CREATE TABLE events (
    run_id TEXT COLLATE "C" NOT NULL REFERENCES runs (id),
    seq    BIGINT NOT NULL,
    at     BIGINT NOT NULL,
    kind   TEXT   NOT NULL,
    text   TEXT   NOT NULL,
    PRIMARY KEY (run_id, seq)
);
CREATE FUNCTION refuse_gap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.seq <> (SELECT coalesce(max(seq), 0) + 1 FROM events WHERE run_id = NEW.run_id) THEN
        RAISE EXCEPTION 'the events of a run are numbered without gaps';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER events_without_gaps BEFORE INSERT ON events FOR EACH ROW EXECUTE FUNCTION refuse_gap();
CREATE TRIGGER events_never_change BEFORE UPDATE ON events FOR EACH ROW
EXECUTE FUNCTION refuse('an event never changes');

CREATE TABLE audit (
    -- GENERATED ALWAYS: nobody chooses the number of an entry.
    id      BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      BIGINT NOT NULL,
    -- A user's id, NULL for the program itself; no reference, an entry outlives the account.
    actor   TEXT,
    action  TEXT   NOT NULL,
    subject TEXT   NOT NULL,
    detail  TEXT   NOT NULL
);
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit FOR EACH ROW
EXECUTE FUNCTION refuse('an audit entry never changes');
CREATE TRIGGER audit_never_shrinks BEFORE DELETE ON audit FOR EACH ROW
EXECUTE FUNCTION refuse('an audit entry is never deleted');
-- TRUNCATE asks no trigger of a row.
CREATE TRIGGER audit_never_emptied BEFORE TRUNCATE ON audit FOR EACH STATEMENT
EXECUTE FUNCTION refuse('an audit entry is never deleted');

-- Written by the readiness check, which has to see that a commit still reaches the disk.
CREATE TABLE probe (
    id    BIGINT PRIMARY KEY CHECK (id = 1),
    count BIGINT NOT NULL
);
