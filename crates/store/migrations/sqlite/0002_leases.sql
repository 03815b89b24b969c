-- Which running program looks after an open run, and how often it has changed hands: a holder that was
-- replaced cannot write any more. Here there is one program at a time; see ../postgres for several.
ALTER TABLE runs ADD COLUMN lease_owner TEXT NOT NULL DEFAULT '';
ALTER TABLE runs ADD COLUMN lease_epoch INTEGER NOT NULL DEFAULT 0;
CREATE INDEX runs_open ON runs (lease_owner, id) WHERE status IN ('submitting', 'pending');
