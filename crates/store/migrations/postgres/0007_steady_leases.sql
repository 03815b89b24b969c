-- Since when a replica's lease was never over: who has just got one again takes nothing from the others.
ALTER TABLE replicas ADD COLUMN since BIGINT NOT NULL DEFAULT 0;
