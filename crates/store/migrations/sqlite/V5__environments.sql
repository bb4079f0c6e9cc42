-- Environments are listed by id, by state and by how their names begin, and some are stopped or deleted in time.
ALTER TABLE environments ADD COLUMN auto_delete_at BIGINT;
-- What the name says behind its folder, in lower case.
ALTER TABLE environments ADD COLUMN name_in_folder TEXT;
UPDATE environments SET name_in_folder = lower(substr(name, instr(name, '/') + 1)) WHERE instr(name, '/') > 0;
CREATE INDEX environments_project_id_id ON environments (project_id);
CREATE INDEX environments_project_id_state ON environments (project_id, state);
CREATE INDEX environments_project_id_lower_name ON environments (project_id, lower(name));
CREATE INDEX environments_project_id_name_in_folder ON environments (project_id, name_in_folder)
    WHERE name_in_folder IS NOT NULL;
CREATE INDEX environments_auto_stop_at ON environments (auto_stop_at)
    WHERE state = 'available' AND auto_stop_setting = 'always' AND auto_stop_at IS NOT NULL;
CREATE INDEX environments_auto_delete_at ON environments (auto_delete_at)
    WHERE state = 'stopped' AND auto_delete_at IS NOT NULL;
-- A pipeline or a runner that goes with its job would have to be looked for in all others, or in indexes that every new job
-- would have to write. So these are no references for the engine; `landfall doctor` looks after them. This is how SQLite
-- wants constraints to be taken away from a table.
PRAGMA writable_schema = ON;
UPDATE sqlite_schema
    SET sql = replace(replace(sql, ' REFERENCES pipelines (id)', ''), ' REFERENCES runners (id)', '')
    WHERE type = 'table' AND name = 'jobs';
PRAGMA writable_schema = RESET;
