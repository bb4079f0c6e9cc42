-- Merge requests as the histories of repositories tell of them, and which deployment was the first of its environment to
-- bring them.
ALTER TABLE projects ADD COLUMN forge_url TEXT;

CREATE TABLE merge_requests (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id    BIGINT NOT NULL REFERENCES projects (id) ON DELETE CASCADE,
    iid           BIGINT NOT NULL,
    forge         TEXT   NOT NULL,
    title         TEXT,
    source_branch TEXT,
    target_branch TEXT,
    merged_at     BIGINT,
    author_name   TEXT,
    author_email  TEXT,
    merger_name   TEXT,
    merger_email  TEXT,
    head          TEXT,
    merge_commit  TEXT,
    squash_commit TEXT
);
CREATE UNIQUE INDEX merge_requests_project_id_iid ON merge_requests (project_id, iid);

-- Without references to deployments, which every new deployment would have to look up.
CREATE TABLE deployment_merge_requests (
    environment_id   BIGINT NOT NULL REFERENCES environments (id) ON DELETE CASCADE,
    merge_request_id BIGINT NOT NULL REFERENCES merge_requests (id) ON DELETE CASCADE,
    deployment_id    BIGINT NOT NULL,
    PRIMARY KEY (environment_id, merge_request_id)
);
CREATE INDEX deployment_merge_requests_deployment_id ON deployment_merge_requests (deployment_id);
CREATE INDEX deployment_merge_requests_merge_request_id ON deployment_merge_requests (merge_request_id);

-- Deployments whose history has been looked through.
CREATE TABLE linked_deployments (
    deployment_id  INTEGER PRIMARY KEY,
    environment_id BIGINT NOT NULL REFERENCES environments (id) ON DELETE CASCADE
);
CREATE INDEX linked_deployments_environment_id ON linked_deployments (environment_id);
