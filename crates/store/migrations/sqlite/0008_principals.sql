-- Whoever owns runs: a person (the user with the same id), a service account, a widget. From here on the program
-- checks the words of doors, statuses, roles and kinds, so that a new word rebuilds no table.
CREATE TABLE principals (
    id         TEXT    NOT NULL PRIMARY KEY,
    kind       TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
INSERT INTO principals (id, kind, name, created_at) SELECT id, 'person', name, created_at FROM users;

-- SQLite cannot drop a constraint, and a table that others reference cannot be replaced while foreign keys are on.
-- None of this changes how a row is stored, so the stored text of the two tables is changed instead.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(replace(sql,
    'id            TEXT    NOT NULL PRIMARY KEY,',
    'id            TEXT    NOT NULL PRIMARY KEY REFERENCES principals (id),'),
    ' CHECK (role IN (''admin'', ''member''))', '')
WHERE type = 'table' AND name = 'users';
UPDATE sqlite_schema SET sql = replace(replace(replace(sql,
    'REFERENCES users (id)', 'REFERENCES principals (id)'),
    ' CHECK (door IN (''dashboard'', ''api''))', ''),
    ' CHECK (status IN (
        ''queued'', ''submitting'', ''pending'', ''success'', ''failed'',
        ''rejected'', ''not_sent'', ''unconfirmed'', ''stalled'', ''cancelled''
    ))', '')
WHERE type = 'table' AND name = 'runs';
-- This connection reads the tables anew. The others do so when this is committed: creating a table has raised the
-- number by which they notice.
PRAGMA writable_schema = RESET;

-- Refuses, and with it the whole migration, when the tables were not as expected or a row does not fit them.
-- A complete integrity check of the runs would look up every one in each index, and take ten times as long.
CREATE TABLE verified (
    as_expected INTEGER NOT NULL CONSTRAINT "the tables are not those of an unchanged dashboard" CHECK (as_expected = 1)
) STRICT;
INSERT INTO verified (as_expected)
SELECT sql LIKE '%PRIMARY KEY REFERENCES principals (id)%' AND sql NOT LIKE '%role IN%'
FROM sqlite_schema WHERE name = 'users'
UNION ALL SELECT sql LIKE '%REFERENCES principals (id)%' AND sql NOT LIKE '%door IN%' AND sql NOT LIKE '%status IN%'
FROM sqlite_schema WHERE name = 'runs'
UNION ALL SELECT NOT EXISTS (SELECT 1 FROM pragma_foreign_key_check('users'))
UNION ALL SELECT NOT EXISTS (SELECT 1 FROM pragma_foreign_key_check('runs'))
UNION ALL SELECT integrity_check = 'ok' FROM pragma_integrity_check('users')
UNION ALL SELECT quick_check = 'ok' FROM pragma_quick_check('runs');
DROP TABLE verified;

UPDATE users SET role = 'runner' WHERE role = 'member';

CREATE TRIGGER users_renamed AFTER UPDATE OF name ON users
BEGIN
    UPDATE principals SET name = NEW.name WHERE id = NEW.id;
END;
