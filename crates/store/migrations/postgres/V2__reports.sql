-- The sender's own key of a deployment. Its reports are events, so the events of a deployment must be found fast.
ALTER TABLE deployments ADD COLUMN external_id TEXT COLLATE "C";
CREATE UNIQUE INDEX deployments_project_id_source_external_id ON deployments (project_id, source, external_id)
    WHERE external_id IS NOT NULL;
CREATE INDEX events_deployment_id ON events (deployment_id, id) WHERE deployment_id IS NOT NULL;
