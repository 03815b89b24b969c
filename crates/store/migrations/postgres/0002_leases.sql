-- Which running program looks after an open run, and how often it has changed hands: a holder that was
-- replaced cannot write any more.
ALTER TABLE runs ADD COLUMN lease_owner TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN lease_epoch BIGINT NOT NULL DEFAULT 0;
CREATE INDEX runs_open ON runs (lease_owner, id) WHERE status IN ('submitting', 'pending');

-- One lease covers every run of a replica.
CREATE TABLE replicas (
    id    TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    -- By this server's clock, in milliseconds; 0 for one that has said that it leaves.
    until BIGINT NOT NULL
);
INSERT INTO replicas (id, until) VALUES ('', 0);

-- The transaction that wrote an event: what is committed later has a place of its own in the sequence of all
-- changes, which a number drawn before the commit has not.
ALTER TABLE events ADD COLUMN xid xid8 NOT NULL DEFAULT pg_current_xact_id();
CREATE INDEX events_by_transaction ON events (xid);
