-- Whoever owns runs: a person (the user with the same id), a service account, a widget. From here on the program
-- checks the words of doors, statuses, roles and kinds, so that a new word rebuilds no table.

-- In the order in which a new run locks them.
LOCK TABLE runs, users IN ACCESS EXCLUSIVE MODE;

CREATE TABLE principals (
    id         TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    kind       TEXT   NOT NULL,
    name       TEXT   NOT NULL,
    created_at BIGINT NOT NULL
);
INSERT INTO principals (id, kind, name, created_at) SELECT id, 'person', name, created_at FROM users;

ALTER TABLE users
    DROP CONSTRAINT users_role_check,
    ADD CONSTRAINT users_id_fkey FOREIGN KEY (id) REFERENCES principals (id);
ALTER TABLE runs
    DROP CONSTRAINT runs_door_check,
    DROP CONSTRAINT runs_status_check,
    DROP CONSTRAINT runs_owner_fkey,
    ADD CONSTRAINT runs_owner_fkey FOREIGN KEY (owner) REFERENCES principals (id);

UPDATE users SET role = 'runner' WHERE role = 'member';

CREATE FUNCTION rename_principal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE principals SET name = NEW.name WHERE id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER users_renamed AFTER UPDATE OF name ON users FOR EACH ROW EXECUTE FUNCTION rename_principal();
