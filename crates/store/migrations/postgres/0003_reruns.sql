-- A run that may have started and was run again all the same: by which run, and since when the first one
-- waits for no decision any more.
CREATE TABLE reruns (
    run_id      TEXT COLLATE "C" NOT NULL PRIMARY KEY REFERENCES runs (id),
    rerun_id    TEXT COLLATE "C" NOT NULL UNIQUE REFERENCES runs (id),
    resolved_at BIGINT NOT NULL
);
CREATE TRIGGER reruns_never_change BEFORE UPDATE ON reruns FOR EACH ROW
EXECUTE FUNCTION refuse('a run is run again once');

CREATE FUNCTION refuse_run_again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM reruns WHERE run_id = NEW.id) THEN
        RAISE EXCEPTION 'a run that was run again is not sent again';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER runs_run_again BEFORE UPDATE OF status ON runs FOR EACH ROW
WHEN (NEW.status IN ('not_sent', 'submitting')) EXECUTE FUNCTION refuse_run_again();
