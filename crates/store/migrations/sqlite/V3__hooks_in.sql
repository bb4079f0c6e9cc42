-- Hooks that come in: who may send, what was sent, and what it says about deployments.

CREATE TABLE hook_sources (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    sender       TEXT   NOT NULL,
    project_id   BIGINT REFERENCES projects (id),
    namespace_id BIGINT REFERENCES namespaces (id),
    name         TEXT   NOT NULL,
    user_id      BIGINT REFERENCES users (id),
    projects     TEXT   NOT NULL,
    digest       TEXT,
    secret       TEXT,
    created_at   BIGINT NOT NULL,
    deleted_at   BIGINT
);
CREATE INDEX hook_sources_sender ON hook_sources (sender) WHERE deleted_at IS NULL;
CREATE INDEX hook_sources_project_id ON hook_sources (project_id) WHERE deleted_at IS NULL;

CREATE TABLE inbox (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    source_id    BIGINT NOT NULL REFERENCES hook_sources (id),
    sender       TEXT   NOT NULL,
    project_id   BIGINT,
    external_id  TEXT,
    event        TEXT,
    state        TEXT   NOT NULL,
    note         TEXT,
    attempts     BIGINT NOT NULL,
    received_at  BIGINT NOT NULL,
    due_at       BIGINT NOT NULL,
    processed_at BIGINT
);
CREATE UNIQUE INDEX inbox_source_id_external_id ON inbox (source_id, external_id) WHERE external_id IS NOT NULL;
CREATE INDEX inbox_waiting ON inbox (due_at) WHERE state = 'waiting';
CREATE INDEX inbox_state_processed_at ON inbox (state, processed_at) WHERE processed_at IS NOT NULL;
CREATE INDEX inbox_source_id ON inbox (source_id);
CREATE INDEX inbox_project_id ON inbox (project_id);

-- Apart from the rest of a delivery, so that a change of its state does not write all of it again.
CREATE TABLE inbox_contents (
    delivery_id INTEGER PRIMARY KEY REFERENCES inbox (id),
    headers     TEXT    NOT NULL,
    body        TEXT    NOT NULL,
    encoded     BOOLEAN NOT NULL
);

CREATE TABLE observations (
    id            INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id    BIGINT NOT NULL REFERENCES projects (id),
    subject       TEXT   NOT NULL,
    object        TEXT,
    run           TEXT,
    digest        TEXT   NOT NULL,
    data          TEXT   NOT NULL,
    deployment_id BIGINT,
    received_at   BIGINT NOT NULL
);
CREATE UNIQUE INDEX observations_project_id_subject_digest ON observations (project_id, subject, digest);
CREATE INDEX observations_project_id_object ON observations (project_id, object) WHERE object IS NOT NULL;
CREATE INDEX observations_project_id_run ON observations (project_id, run) WHERE run IS NOT NULL;
CREATE INDEX observations_deployment_id ON observations (deployment_id) WHERE deployment_id IS NOT NULL;

-- What senders tell of a deployment beyond what GitLab has a place for.
ALTER TABLE deployments ADD COLUMN service TEXT;
ALTER TABLE deployments ADD COLUMN description TEXT;
ALTER TABLE deployments ADD COLUMN notes TEXT;
ALTER TABLE deployments ADD COLUMN artifacts TEXT;

CREATE INDEX users_public_email ON users (lower(public_email)) WHERE public_email <> '';
