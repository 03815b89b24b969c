-- What answering an incident needs: whose session and token is where, and an end to each of them.

-- Times of the account itself. An account that is disabled keeps its runs. A password hash that is empty opens
-- nothing: the person has not chosen a password yet.
ALTER TABLE users ADD COLUMN disabled_at INTEGER;
ALTER TABLE users ADD COLUMN last_seen_at INTEGER;
ALTER TABLE users ADD COLUMN password_changed_at INTEGER;

ALTER TABLE sessions ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN last_used_at INTEGER;

CREATE TABLE tokens (
    id           TEXT    NOT NULL PRIMARY KEY,
    fingerprint  TEXT    NOT NULL UNIQUE,
    owner        TEXT    NOT NULL REFERENCES users (id),
    name         TEXT    NOT NULL,
    -- The last four characters, to be recognised by; empty for a token from before they were kept.
    suffix       TEXT    NOT NULL,
    -- What it is good for, as JSON; the program reads and checks it.
    scopes       TEXT    NOT NULL,
    -- NULL: not limited.
    runs_per_minute INTEGER CHECK (runs_per_minute >= 0),
    created_at   INTEGER NOT NULL,
    -- NULL: never.
    expires_at   INTEGER,
    revoked_at   INTEGER,
    last_used_at INTEGER,
    address      TEXT    NOT NULL DEFAULT ''
) STRICT, WITHOUT ROWID;
INSERT INTO tokens (id, fingerprint, owner, name, suffix, scopes, created_at)
SELECT lower(hex(randomblob(13))), fingerprint, user_id, name, '', '{"acts":["read","run","decide"]}', created_at
FROM api_tokens;
DROP TABLE api_tokens;
CREATE INDEX tokens_by_owner ON tokens (owner, created_at);

-- Links that are shown once and work once: to choose a new password, or to make an account.
CREATE TABLE links (
    id          TEXT    NOT NULL PRIMARY KEY,
    fingerprint TEXT    NOT NULL UNIQUE,
    purpose     TEXT    NOT NULL,
    -- Whose password.
    user_id     TEXT    REFERENCES users (id),
    -- Who is invited, as what.
    email       TEXT    NOT NULL DEFAULT '',
    role        TEXT    NOT NULL DEFAULT '',
    -- NULL: from the command line.
    created_by  TEXT,
    created_at  INTEGER NOT NULL,
    expires_at  INTEGER NOT NULL,
    -- Used or withdrawn.
    closed_at   INTEGER,
    CHECK ((purpose = 'password') = (user_id IS NOT NULL))
) STRICT, WITHOUT ROWID;
CREATE INDEX links_by_user ON links (user_id);

-- Browsers that somebody has logged in with: guessing elsewhere does not slow them down.
CREATE TABLE browsers (
    fingerprint TEXT    NOT NULL,
    user_id     TEXT    NOT NULL REFERENCES users (id),
    seen_at     INTEGER NOT NULL,
    PRIMARY KEY (fingerprint, user_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX browsers_by_time ON browsers (seen_at);

-- Rises in the transaction of every change of what somebody may do: whoever let a reader in asks again.
CREATE TABLE rights (
    id      INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL
) STRICT;
INSERT INTO rights (id, version) VALUES (1, 1);

-- Settings that are made in the dashboard.
CREATE TABLE settings (
    name  TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
