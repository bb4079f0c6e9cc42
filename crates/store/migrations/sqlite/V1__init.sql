-- Times are microseconds since 1970 (UTC), days are ISO texts, JSON is text. The PostgreSQL folder holds the same
-- tables and columns; a test compares the two.

CREATE TABLE users (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    username     TEXT    NOT NULL,
    name         TEXT    NOT NULL,
    email        TEXT    NOT NULL,
    public_email TEXT    NOT NULL,
    state        TEXT    NOT NULL,
    admin        BOOLEAN NOT NULL,
    external     BOOLEAN NOT NULL,
    bot          BOOLEAN NOT NULL,
    avatar_url   TEXT,
    bio          TEXT,
    location     TEXT,
    linkedin     TEXT    NOT NULL,
    twitter      TEXT    NOT NULL,
    discord      TEXT    NOT NULL,
    github       TEXT    NOT NULL,
    skype        TEXT    NOT NULL,
    website_url  TEXT    NOT NULL,
    organization TEXT    NOT NULL,
    job_title    TEXT    NOT NULL,
    pronouns     TEXT,
    created_at   BIGINT  NOT NULL
);
-- Where a row violates both, SQLite names the index made last and PostgreSQL the one made first: hence the order.
CREATE UNIQUE INDEX users_email ON users (lower(email)) WHERE email <> '';
CREATE UNIQUE INDEX users_username ON users (lower(username));

CREATE TABLE tokens (
    id           INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id      BIGINT  NOT NULL REFERENCES users (id),
    name         TEXT    NOT NULL,
    description  TEXT,
    digest       TEXT    NOT NULL,
    scopes       TEXT    NOT NULL,
    revoked      BOOLEAN NOT NULL,
    expires_at   TEXT,
    created_at   BIGINT  NOT NULL,
    last_used_at BIGINT
);
CREATE UNIQUE INDEX tokens_digest ON tokens (digest);
CREATE INDEX tokens_user_id ON tokens (user_id);

CREATE TABLE namespaces (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT    NOT NULL,
    name       TEXT    NOT NULL,
    path       TEXT    NOT NULL,
    full_path  TEXT    NOT NULL,
    full_name  TEXT    NOT NULL,
    parent_id  BIGINT REFERENCES namespaces (id),
    owner_id   BIGINT REFERENCES users (id),
    created_at BIGINT  NOT NULL
);
CREATE UNIQUE INDEX namespaces_full_path ON namespaces (lower(full_path));

CREATE TABLE projects (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    namespace_id        BIGINT  NOT NULL REFERENCES namespaces (id),
    creator_id          BIGINT REFERENCES users (id),
    name                TEXT    NOT NULL,
    path                TEXT    NOT NULL,
    full_path           TEXT    NOT NULL,
    description         TEXT,
    visibility          TEXT    NOT NULL,
    default_branch      TEXT,
    repository          TEXT,
    archived            BOOLEAN NOT NULL,
    repository_access   TEXT    NOT NULL,
    builds_access       TEXT    NOT NULL,
    environments_access TEXT    NOT NULL,
    created_at          BIGINT  NOT NULL,
    updated_at          BIGINT  NOT NULL
);
CREATE UNIQUE INDEX projects_full_path ON projects (lower(full_path));

-- Apart from the project, so that a deployment does not rewrite the project's row.
CREATE TABLE deployment_counters (
    project_id INTEGER PRIMARY KEY REFERENCES projects (id),
    last_iid   BIGINT  NOT NULL,
    total      BIGINT  NOT NULL
);

CREATE TABLE redirects (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    full_path  TEXT   NOT NULL,
    project_id BIGINT NOT NULL REFERENCES projects (id),
    created_at BIGINT NOT NULL
);
CREATE UNIQUE INDEX redirects_full_path ON redirects (lower(full_path));

CREATE TABLE members (
    project_id   BIGINT NOT NULL REFERENCES projects (id),
    user_id      BIGINT NOT NULL REFERENCES users (id),
    access_level BIGINT NOT NULL,
    expires_at   TEXT,
    created_at   BIGINT NOT NULL,
    PRIMARY KEY (project_id, user_id)
);

CREATE TABLE environments (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id        BIGINT NOT NULL REFERENCES projects (id),
    name              TEXT   NOT NULL,
    slug              TEXT   NOT NULL,
    external_url      TEXT,
    tier              BIGINT NOT NULL,
    state             TEXT   NOT NULL,
    description       TEXT,
    auto_stop_setting TEXT   NOT NULL,
    auto_stop_at      BIGINT,
    created_at        BIGINT NOT NULL,
    updated_at        BIGINT NOT NULL
);
CREATE UNIQUE INDEX environments_project_id_name ON environments (project_id, name);
CREATE UNIQUE INDEX environments_project_id_slug ON environments (project_id, slug);

CREATE TABLE pipelines (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id          BIGINT NOT NULL REFERENCES projects (id),
    external_id         BIGINT,
    iid                 BIGINT,
    external_project_id BIGINT,
    sha                 TEXT,
    git_ref             TEXT,
    status              TEXT,
    source              TEXT,
    created_at          BIGINT,
    updated_at          BIGINT,
    web_url             TEXT
);

CREATE TABLE runners (
    id                   INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id           BIGINT NOT NULL REFERENCES projects (id),
    external_id          BIGINT,
    description          TEXT,
    ip_address           TEXT,
    active               BOOLEAN,
    paused               BOOLEAN,
    is_shared            BOOLEAN,
    runner_type          TEXT,
    name                 TEXT,
    online               BOOLEAN,
    created_by           TEXT,
    created_at           BIGINT,
    status               TEXT,
    job_execution_status TEXT
);

CREATE TABLE jobs (
    id                         INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id                 BIGINT NOT NULL REFERENCES projects (id),
    external_id                BIGINT,
    status                     TEXT,
    stage                      TEXT,
    name                       TEXT   NOT NULL,
    git_ref                    TEXT,
    tag                        BOOLEAN,
    coverage                   DOUBLE PRECISION,
    allow_failure              BOOLEAN,
    created_at                 BIGINT,
    started_at                 BIGINT,
    finished_at                BIGINT,
    erased_at                  BIGINT,
    duration                   DOUBLE PRECISION,
    queued_duration            DOUBLE PRECISION,
    user_profile               TEXT,
    commit_details             TEXT,
    pipeline_id                BIGINT REFERENCES pipelines (id),
    failure_reason             TEXT,
    web_url                    TEXT,
    ci_job_token_scope_enabled BOOLEAN,
    artifacts_file             TEXT,
    artifacts                  TEXT,
    runner_id                  BIGINT REFERENCES runners (id),
    runner_manager             TEXT,
    artifacts_expire_at        BIGINT,
    archived                   BOOLEAN,
    tag_list                   TEXT   NOT NULL
);

CREATE TABLE deployments (
    id              INTEGER PRIMARY KEY AUTOINCREMENT,
    iid             BIGINT  NOT NULL,
    project_id      BIGINT  NOT NULL REFERENCES projects (id),
    environment_id  BIGINT  NOT NULL REFERENCES environments (id),
    user_id         BIGINT REFERENCES users (id),
    job_id          BIGINT REFERENCES jobs (id),
    git_ref         TEXT    NOT NULL,
    tag             BOOLEAN NOT NULL,
    sha             TEXT    NOT NULL,
    commit_id       TEXT,
    status          BIGINT  NOT NULL,
    source          TEXT    NOT NULL,
    owned_by_gitlab BOOLEAN NOT NULL,
    created_at      BIGINT  NOT NULL,
    updated_at      BIGINT  NOT NULL,
    finished_at     BIGINT
);
CREATE UNIQUE INDEX deployments_project_id_iid ON deployments (project_id, iid);
-- One index for each order of the list. Each entry ends with the id of its row, which makes ties definite and the page
-- index-only.
CREATE INDEX deployments_project_id_id ON deployments (project_id);
CREATE INDEX deployments_project_id_created_at ON deployments (project_id, created_at);
CREATE INDEX deployments_project_id_updated_at ON deployments (project_id, updated_at);
CREATE INDEX deployments_project_id_finished_at ON deployments (project_id, finished_at);
CREATE INDEX deployments_project_id_git_ref ON deployments (project_id, git_ref);
-- One for each filter that can be narrow.
CREATE INDEX deployments_project_id_status ON deployments (project_id, status);
CREATE INDEX deployments_project_id_commit ON deployments (project_id, coalesce(commit_id, lower(sha)));
CREATE INDEX deployments_environment_id_id ON deployments (environment_id);
CREATE INDEX deployments_environment_id_status ON deployments (environment_id, status);
CREATE INDEX deployments_user_id ON deployments (user_id, project_id);
-- The last (live) deployment of an environment: status 2 is success.
CREATE INDEX deployments_live ON deployments (environment_id, finished_at) WHERE status = 2;
-- For the check that a job that goes is nobody's.
CREATE INDEX deployments_job_id ON deployments (job_id) WHERE job_id IS NOT NULL;

CREATE TABLE events (
    id             INTEGER PRIMARY KEY AUTOINCREMENT,
    kind           TEXT   NOT NULL,
    project_id     BIGINT,
    deployment_id  BIGINT,
    environment_id BIGINT,
    actor_id       BIGINT,
    data           TEXT   NOT NULL,
    at             BIGINT NOT NULL
);
