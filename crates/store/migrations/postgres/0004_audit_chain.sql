-- The master key that entries and seals are made with; its fingerprint only.
CREATE TABLE audit_key (
    id          BIGINT PRIMARY KEY CHECK (id = 1),
    fingerprint TEXT   NOT NULL
);

-- Random, so that a copy of an entry can be told from a second deed of the same kind.
ALTER TABLE audit ADD COLUMN nonce TEXT;
-- The authentication code. NULL: from before there was a key.
ALTER TABLE audit ADD COLUMN mac BYTEA;
-- The place in the sealed trail, from 1. NULL: not sealed yet.
ALTER TABLE audit ADD COLUMN position BIGINT;
CREATE UNIQUE INDEX audit_by_position ON audit (position) WHERE position IS NOT NULL;
CREATE INDEX audit_unsealed ON audit (id) WHERE position IS NULL;

DROP TRIGGER audit_never_changes ON audit;
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit FOR EACH ROW
WHEN (OLD.position IS NOT NULL OR NEW.position IS NULL
  OR (NEW.id, NEW.at, NEW.actor, NEW.action, NEW.subject, NEW.detail, NEW.nonce, NEW.mac)
     IS DISTINCT FROM (OLD.id, OLD.at, OLD.actor, OLD.action, OLD.subject, OLD.detail, OLD.nonce, OLD.mac))
EXECUTE FUNCTION refuse('an audit entry never changes');

CREATE TABLE audit_seals (
    number  BIGINT PRIMARY KEY,
    -- Positions of the first and the last entry it covers.
    first   BIGINT NOT NULL,
    last    BIGINT NOT NULL,
    at      BIGINT NOT NULL,
    -- 1: its entries are from before there was a key.
    unkeyed BIGINT NOT NULL CHECK (unkeyed IN (0, 1)),
    hash    BYTEA  NOT NULL
);
CREATE TRIGGER audit_seals_never_change BEFORE UPDATE ON audit_seals FOR EACH ROW
EXECUTE FUNCTION refuse('a seal never changes');
CREATE TRIGGER audit_seals_never_shrink BEFORE DELETE ON audit_seals FOR EACH ROW
EXECUTE FUNCTION refuse('a seal is never deleted');
CREATE TRIGGER audit_seals_never_emptied BEFORE TRUNCATE ON audit_seals FOR EACH STATEMENT
EXECUTE FUNCTION refuse('a seal is never deleted');
