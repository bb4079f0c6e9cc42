-- What has changed of the things that processes keep in memory: appended by triggers, so that nothing can be changed
-- without it, and read by whoever keeps something (store/src/changes.rs). A new deployment is noticed by its id.
CREATE TABLE changes (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    kind       TEXT NOT NULL,
    project_id BIGINT,
    row_id     BIGINT
);

CREATE TRIGGER deployments_update AFTER UPDATE ON deployments BEGIN
    INSERT INTO changes (kind, project_id, row_id) VALUES ('deployment', OLD.project_id, OLD.id);
END;
CREATE TRIGGER deployments_delete AFTER DELETE ON deployments BEGIN
    INSERT INTO changes (kind, project_id, row_id) VALUES ('deployment', OLD.project_id, OLD.id);
END;
CREATE TRIGGER environments_update AFTER UPDATE ON environments BEGIN
    INSERT INTO changes (kind, project_id, row_id) VALUES ('environment', OLD.project_id, OLD.id);
END;
CREATE TRIGGER environments_delete AFTER DELETE ON environments BEGIN
    INSERT INTO changes (kind, project_id, row_id) VALUES ('environment', OLD.project_id, OLD.id);
END;
CREATE TRIGGER users_update AFTER UPDATE ON users BEGIN
    INSERT INTO changes (kind, row_id) VALUES ('user', OLD.id);
END;
CREATE TRIGGER users_delete AFTER DELETE ON users BEGIN
    INSERT INTO changes (kind, row_id) VALUES ('user', OLD.id);
END;
CREATE TRIGGER tokens_update AFTER UPDATE ON tokens BEGIN
    INSERT INTO changes (kind, row_id) VALUES ('token', OLD.id);
END;
CREATE TRIGGER tokens_delete AFTER DELETE ON tokens BEGIN
    INSERT INTO changes (kind, row_id) VALUES ('token', OLD.id);
END;
CREATE TRIGGER projects_update AFTER UPDATE ON projects BEGIN
    INSERT INTO changes (kind, row_id) VALUES ('project', OLD.id);
END;
CREATE TRIGGER projects_delete AFTER DELETE ON projects BEGIN
    INSERT INTO changes (kind, row_id) VALUES ('project', OLD.id);
END;
CREATE TRIGGER namespaces_update AFTER UPDATE ON namespaces BEGIN
    INSERT INTO changes (kind, row_id) VALUES ('namespace', OLD.id);
END;
CREATE TRIGGER namespaces_delete AFTER DELETE ON namespaces BEGIN
    INSERT INTO changes (kind, row_id) VALUES ('namespace', OLD.id);
END;
CREATE TRIGGER members_insert AFTER INSERT ON members BEGIN
    INSERT INTO changes (kind) VALUES ('member');
END;
CREATE TRIGGER members_update AFTER UPDATE ON members BEGIN
    INSERT INTO changes (kind) VALUES ('member');
END;
CREATE TRIGGER members_delete AFTER DELETE ON members BEGIN
    INSERT INTO changes (kind) VALUES ('member');
END;
CREATE TRIGGER group_members_insert AFTER INSERT ON group_members BEGIN
    INSERT INTO changes (kind) VALUES ('member');
END;
CREATE TRIGGER group_members_update AFTER UPDATE ON group_members BEGIN
    INSERT INTO changes (kind) VALUES ('member');
END;
CREATE TRIGGER group_members_delete AFTER DELETE ON group_members BEGIN
    INSERT INTO changes (kind) VALUES ('member');
END;
