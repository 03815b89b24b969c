-- What somebody may do where, beside what their role is for: granted to them or to a group they are in.
CREATE TABLE user_groups (
    id          TEXT    NOT NULL PRIMARY KEY,
    name        TEXT    NOT NULL,
    -- The name in lower case, folded by the program.
    name_folded TEXT    NOT NULL UNIQUE,
    created_at  INTEGER NOT NULL
) STRICT;

CREATE TABLE group_members (
    group_id TEXT NOT NULL REFERENCES user_groups (id),
    member   TEXT NOT NULL REFERENCES users (id),
    PRIMARY KEY (group_id, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX group_members_by_member ON group_members (member, group_id);

CREATE TABLE grants (
    -- The id of a principal or of a group.
    grantee     TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    -- Empty: every environment. No reference, the variables can take an environment away for a while.
    environment TEXT    NOT NULL,
    -- Empty: every workflow of it.
    workflow    TEXT    NOT NULL CHECK (workflow = '' OR environment <> ''),
    run         INTEGER NOT NULL CHECK (run IN (0, 1)),
    see         INTEGER NOT NULL CHECK (see IN (0, 1)),
    PRIMARY KEY (grantee, kind, environment, workflow)
) STRICT, WITHOUT ROWID;

-- Workflows in which whoever runs them sees everybody's runs.
CREATE TABLE shared_runs (
    environment TEXT NOT NULL,
    workflow    TEXT NOT NULL,
    PRIMARY KEY (environment, workflow)
) STRICT, WITHOUT ROWID;

-- Until now runners could run everything.
INSERT INTO grants (grantee, kind, environment, workflow, run, see)
SELECT id, 'principal', '', '', 1, 0 FROM users WHERE role = 'runner';
