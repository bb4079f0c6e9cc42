-- Copies of remote repositories: what all nodes share of them. `key` names their directories, `digest` says
-- which refs the newest of them has. While a node brings its copy up
-- to date on behalf of all, it is the holder, until `held_until`.
CREATE TABLE mirrors (
    project_id       BIGINT  NOT NULL PRIMARY KEY REFERENCES projects (id),
    key              TEXT    NOT NULL,
    url              TEXT    NOT NULL,
    with_credentials BOOLEAN NOT NULL,
    status           TEXT    NOT NULL,
    error            TEXT,
    failures         BIGINT  NOT NULL,
    fetched_at       BIGINT,
    digest           TEXT,
    next_at          BIGINT  NOT NULL,
    holder           TEXT,
    held_until       BIGINT  NOT NULL
);
CREATE UNIQUE INDEX mirrors_key ON mirrors (key);
CREATE INDEX mirrors_next_at ON mirrors (next_at);
CREATE INDEX mirrors_failing ON mirrors (project_id) WHERE error IS NOT NULL;
