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
-- A pipeline or a runner that goes with its job would have to be looked for in all others, or in indexes that every new job
-- would have to write. So these are no references for the engine; `landfall doctor` looks after them.
ALTER TABLE jobs DROP CONSTRAINT jobs_pipeline_id_fkey, DROP CONSTRAINT jobs_runner_id_fkey;
