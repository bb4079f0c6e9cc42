-- A project of another instance whose deployments are copied into a project here, and how far that has come.
CREATE TABLE origins (
    id                  INTEGER PRIMARY KEY AUTOINCREMENT,
    project_id          BIGINT  NOT NULL REFERENCES projects (id),
    kind                TEXT    NOT NULL,
    instance            TEXT    NOT NULL,
    external_project_id BIGINT  NOT NULL,
    walked              BOOLEAN NOT NULL,
    walked_to           BIGINT,
    changed_to          BIGINT,
    created_at          BIGINT  NOT NULL
);
CREATE UNIQUE INDEX origins_project_id_instance ON origins (project_id, kind, instance, external_project_id);
-- What a copied deployment is called where it comes from.
ALTER TABLE deployments ADD COLUMN origin_id BIGINT REFERENCES origins (id);
ALTER TABLE deployments ADD COLUMN origin_deployment_id BIGINT;
ALTER TABLE deployments ADD COLUMN origin_url TEXT;
CREATE UNIQUE INDEX deployments_origin_id ON deployments (origin_id, origin_deployment_id) WHERE origin_id IS NOT NULL;
-- Users of other instances are known by the address that everybody may see.
CREATE INDEX IF NOT EXISTS users_public_email ON users (lower(public_email)) WHERE public_email <> '';
