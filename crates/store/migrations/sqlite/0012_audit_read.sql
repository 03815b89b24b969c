-- The audit trail is read: what a person did, what happened to one thing, and what is not about runs, which are nearly
-- all of it.
CREATE INDEX audit_by_actor ON audit (actor, id) WHERE actor IS NOT NULL;
CREATE INDEX audit_by_subject ON audit (subject, id);
CREATE INDEX audit_but_runs ON audit (id) WHERE substr(action, 1, 4) <> 'run.';
