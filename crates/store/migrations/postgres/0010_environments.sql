-- Every master key that this database was written with; their fingerprints only. The newest is in use.
CREATE TABLE master_keys (
    id          BIGINT NOT NULL PRIMARY KEY,
    fingerprint TEXT    NOT NULL
);
INSERT INTO master_keys (id, fingerprint) SELECT id, fingerprint FROM audit_key;
DROP TABLE audit_key;

-- The master key that made the authentication code.
ALTER TABLE audit ADD COLUMN key_id BIGINT NOT NULL DEFAULT 1;
ALTER TABLE audit_seals ADD COLUMN key_id BIGINT NOT NULL DEFAULT 1;
DROP TRIGGER audit_never_changes ON audit;
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit FOR EACH ROW
WHEN (OLD.position IS NOT NULL OR NEW.position IS NULL
  OR (NEW.id, NEW.at, NEW.actor, NEW.action, NEW.subject, NEW.detail, NEW.nonce, NEW.mac, NEW.key_id)
     IS DISTINCT FROM (OLD.id, OLD.at, OLD.actor, OLD.action, OLD.subject, OLD.detail, OLD.nonce, OLD.mac, OLD.key_id))
EXECUTE FUNCTION refuse('an audit entry never changes');

-- Environments that were added in the dashboard; those of the settings are not here. The program checks the words.
CREATE TABLE environments (
    -- Never used again, so that nothing sealed for one can be opened for the next of this name.
    id          TEXT    NOT NULL PRIMARY KEY,
    slug        TEXT    NOT NULL UNIQUE,
    name        TEXT    NOT NULL,
    kind        TEXT    NOT NULL,
    -- Empty: none.
    colour      TEXT    NOT NULL,
    base_url    TEXT    NOT NULL,
    instance_id TEXT    NOT NULL,
    state       TEXT    NOT NULL,
    -- Rises with every change, of its keys too.
    revision    BIGINT NOT NULL,
    created_at  BIGINT NOT NULL,
    updated_at  BIGINT NOT NULL
);

-- Their keys, sealed for environment, kind and base URL.
CREATE TABLE environment_keys (
    environment TEXT    NOT NULL REFERENCES environments (id),
    kind        TEXT    NOT NULL,
    -- The master key that sealed it.
    key_id      BIGINT NOT NULL REFERENCES master_keys (id),
    sealed      BYTEA   NOT NULL,
    -- The last characters, to be recognised by.
    suffix      TEXT    NOT NULL,
    set_at      BIGINT NOT NULL,
    -- When Codika said that it expires. NULL: not known, or never.
    expires_at  BIGINT,
    PRIMARY KEY (environment, kind)
);

-- Rises in the transaction of every change of environments and of the master key, and makes them wait for each other.
CREATE TABLE environments_version (
    id      BIGINT NOT NULL PRIMARY KEY CHECK (id = 1),
    version BIGINT NOT NULL
);
INSERT INTO environments_version (id, version) VALUES (1, 1);
