-- Where no iid of a project is missing and they go up with the ids, the iid tells the place of a deployment in the list.
ALTER TABLE deployment_counters ADD COLUMN iids_ascend BOOLEAN NOT NULL DEFAULT TRUE;

-- Of what was imported before this, nobody noted in which order.
UPDATE deployment_counters SET iids_ascend = FALSE
WHERE project_id IN (SELECT d.project_id FROM deployments d WHERE d.origin_id IS NOT NULL);
