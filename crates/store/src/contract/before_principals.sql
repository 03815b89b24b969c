-- What the tables held before there were principals, in words of both databases but for BLOB.
INSERT INTO users (id, email, email_folded, name, role, password_hash, created_at, founder) VALUES
    ('00000000000000000000000001', 'ada@example.org', 'ada@example.org', 'Ada', 'admin', 'hash', 1, 1),
    ('00000000000000000000000002', 'bob@example.org', 'bob@example.org', 'Bob', 'member', 'hash', 2, NULL);
INSERT INTO sessions (fingerprint, user_id, created_at, expires_at) VALUES
    ('session', '00000000000000000000000001', 3, 4);
INSERT INTO api_tokens (fingerprint, user_id, name, created_at) VALUES
    ('token', '00000000000000000000000002', 'CI', 3);
INSERT INTO runs (id, environment, workflow, workflow_name, owner, owner_name, door, key, input, status, epoch, seq,
                  execution_id, created_at, accepted_at, finished_at, duration_ms, result_bytes, lease_epoch) VALUES
    ('00000000000000000000000011', 'dev', 'a', 'A', '00000000000000000000000001', 'Ada', 'dashboard', 'k1', '{}',
     'success', 1, 3, 'e1', 10, 11, 12, 1, 1, 1),
    ('00000000000000000000000012', 'dev', 'a', 'A', '00000000000000000000000002', 'Bob', 'api', 'k2', '{}',
     'unconfirmed', 1, 2, NULL, 20, NULL, 21, NULL, NULL, 1),
    ('00000000000000000000000013', 'dev', 'a', 'A', '00000000000000000000000002', 'Bob', 'api', 'again:k2', '{}',
     'failed', 2, 2, 'e3', 30, 31, 32, 1, NULL, 1),
    ('00000000000000000000000014', 'dev', 'b', 'B', '00000000000000000000000002', 'Bob', 'api', 'k4', '{}',
     'pending', 1, 2, 'e4', 40, 41, NULL, NULL, NULL, 1);
INSERT INTO events (run_id, seq, at, kind, text) VALUES
    ('00000000000000000000000011', 1, 10, 'submitted', ''), ('00000000000000000000000011', 2, 11, 'accepted', ''),
    ('00000000000000000000000011', 3, 12, 'succeeded', ''), ('00000000000000000000000012', 1, 20, 'submitted', ''),
    ('00000000000000000000000012', 2, 21, 'unconfirmed', ''), ('00000000000000000000000013', 1, 30, 'submitted', ''),
    ('00000000000000000000000013', 2, 32, 'failed', ''), ('00000000000000000000000014', 1, 40, 'submitted', ''),
    ('00000000000000000000000014', 2, 41, 'accepted', '');
INSERT INTO attempts (run_id, epoch, started_at, finished_at, outcome) VALUES
    ('00000000000000000000000011', 1, 10, 11, 'accepted'), ('00000000000000000000000012', 1, 20, 21, 'unconfirmed'),
    ('00000000000000000000000013', 1, 30, 30, 'not_sent'), ('00000000000000000000000013', 2, 30, 31, 'accepted'),
    ('00000000000000000000000014', 1, 40, 41, 'accepted');
INSERT INTO results (run_id, bytes) VALUES ('00000000000000000000000011', CAST('1' AS BLOB));
INSERT INTO reruns (run_id, rerun_id, resolved_at) VALUES
    ('00000000000000000000000012', '00000000000000000000000013', 30);
