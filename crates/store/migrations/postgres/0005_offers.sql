-- What Codika last told about the process instance of an environment, as JSON: after a restart forms are known
-- before it is asked again.
CREATE TABLE offers (
    environment TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    instance    TEXT COLLATE "C" NOT NULL,
    answers     TEXT NOT NULL
);
