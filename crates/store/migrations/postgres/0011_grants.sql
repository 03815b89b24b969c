-- What somebody may do where, beside what their role is for: granted to them or to a group they are in.
CREATE TABLE user_groups (
    id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    name        TEXT   NOT NULL,
    -- The name in lower case, folded by the program.
    name_folded TEXT COLLATE "C" NOT NULL UNIQUE,
    created_at  BIGINT NOT NULL
);

CREATE TABLE group_members (
    group_id TEXT COLLATE "C" NOT NULL REFERENCES user_groups (id),
    member   TEXT COLLATE "C" NOT NULL REFERENCES users (id),
    PRIMARY KEY (group_id, member)
);
CREATE INDEX group_members_by_member ON group_members (member, group_id);

CREATE TABLE grants (
    -- The id of a principal or of a group.
    grantee     TEXT COLLATE "C" NOT NULL,
    kind        TEXT COLLATE "C" NOT NULL,
    -- Empty: every environment. No reference, the variables can take an environment away for a while.
    environment TEXT COLLATE "C" NOT NULL,
    -- Empty: every workflow of it.
    workflow    TEXT COLLATE "C" NOT NULL CHECK (workflow = '' OR environment <> ''),
    run         BIGINT NOT NULL CHECK (run IN (0, 1)),
    see         BIGINT NOT NULL CHECK (see IN (0, 1)),
    PRIMARY KEY (grantee, kind, environment, workflow)
);

-- Workflows in which whoever runs them sees everybody's runs.
CREATE TABLE shared_runs (
    environment TEXT COLLATE "C" NOT NULL,
    workflow    TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (environment, workflow)
);

-- Until now runners could run everything.
INSERT INTO grants (grantee, kind, environment, workflow, run, see)
SELECT id, 'principal', '', '', 1, 0 FROM users WHERE role = 'runner';
