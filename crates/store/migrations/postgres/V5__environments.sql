-- Environments are listed by id, by state and by how their names begin, and some are stopped or deleted in time.
ALTER TABLE environments ADD COLUMN auto_delete_at BIGINT;
-- What the name says behind its folder, in lower case.
ALTER TABLE environments ADD COLUMN name_in_folder TEXT COLLATE "C";
UPDATE environments SET name_in_folder = lower(substr(name, strpos(name, '/') + 1)) WHERE strpos(name, '/') > 0;
CREATE INDEX environments_project_id_id ON environments (project_id, id);
CREATE INDEX environments_project_id_state ON environments (project_id, state, id);
CREATE INDEX environments_project_id_lower_name ON environments (project_id, lower(name), id);
CREATE INDEX environments_project_id_name_in_folder ON environments (project_id, name_in_folder, id)
    WHERE name_in_folder IS NOT NULL;
CREATE INDEX environments_auto_stop_at ON environments (auto_stop_at, id)
    WHERE state = 'available' AND auto_stop_setting = 'always' AND auto_stop_at IS NOT NULL;
CREATE INDEX environments_auto_delete_at ON environments (auto_delete_at, id)
    WHERE state = 'stopped' AND auto_delete_at IS NOT NULL;
-- For the check that a pipeline or a runner that goes is nobody's.
CREATE INDEX jobs_pipeline_id ON jobs (pipeline_id) WHERE pipeline_id IS NOT NULL;
CREATE INDEX jobs_runner_id ON jobs (runner_id) WHERE runner_id IS NOT NULL;
