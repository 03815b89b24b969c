-- The master key that entries and seals are made with; its fingerprint only.
CREATE TABLE audit_key (
    id          INTEGER PRIMARY KEY CHECK (id = 1),
    fingerprint TEXT    NOT NULL
) STRICT;

-- Random, so that a copy of an entry can be told from a second deed of the same kind.
ALTER TABLE audit ADD COLUMN nonce TEXT;
-- The authentication code. NULL: from before there was a key.
ALTER TABLE audit ADD COLUMN mac BLOB;
-- The place in the sealed trail, from 1. NULL: not sealed yet.
ALTER TABLE audit ADD COLUMN position INTEGER;
CREATE UNIQUE INDEX audit_by_position ON audit (position) WHERE position IS NOT NULL;
CREATE INDEX audit_unsealed ON audit (id) WHERE position IS NULL;

DROP TRIGGER audit_never_changes;
CREATE TRIGGER audit_never_changes BEFORE UPDATE ON audit
WHEN OLD.position IS NOT NULL OR NEW.position IS NULL
  OR (NEW.id, NEW.at, NEW.actor, NEW.action, NEW.subject, NEW.detail, NEW.nonce, NEW.mac)
     IS NOT (OLD.id, OLD.at, OLD.actor, OLD.action, OLD.subject, OLD.detail, OLD.nonce, OLD.mac)
BEGIN
    SELECT RAISE(ABORT, 'an audit entry never changes');
END;

CREATE TABLE audit_seals (
    number  INTEGER PRIMARY KEY,
    -- Positions of the first and the last entry it covers.
    first   INTEGER NOT NULL,
    last    INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    -- 1: its entries are from before there was a key.
    unkeyed INTEGER NOT NULL CHECK (unkeyed IN (0, 1)),
    hash    BLOB    NOT NULL
) STRICT;
CREATE TRIGGER audit_seals_never_change BEFORE UPDATE ON audit_seals
BEGIN
    SELECT RAISE(ABORT, 'a seal never changes');
END;
CREATE TRIGGER audit_seals_never_shrink BEFORE DELETE ON audit_seals
BEGIN
    SELECT RAISE(ABORT, 'a seal is never deleted');
END;
-- INSERT OR REPLACE deletes without asking the trigger above.
CREATE TRIGGER audit_seals_never_replaced BEFORE INSERT ON audit_seals
WHEN EXISTS (SELECT 1 FROM audit_seals WHERE number = NEW.number)
BEGIN
    SELECT RAISE(ABORT, 'a seal is never replaced');
END;
