-- What is shown of groups, who is above whom and who is in them; and projects, groups and tokens that come to an end.

ALTER TABLE namespaces ADD COLUMN description TEXT;
ALTER TABLE namespaces ADD COLUMN visibility TEXT NOT NULL DEFAULT 'private';
ALTER TABLE namespaces ADD COLUMN marked_for_deletion_at BIGINT;
ALTER TABLE namespaces ADD COLUMN deleted BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX namespaces_parent_id ON namespaces (parent_id);
CREATE INDEX namespaces_marked_for_deletion_at ON namespaces (marked_for_deletion_at)
    WHERE marked_for_deletion_at IS NOT NULL;

-- Every namespace with all above it, itself among them: a level is found by a search, however deep a project stands.
CREATE TABLE namespace_ancestors (
    namespace_id BIGINT NOT NULL REFERENCES namespaces (id),
    ancestor_id  BIGINT NOT NULL REFERENCES namespaces (id),
    PRIMARY KEY (namespace_id, ancestor_id)
);
CREATE INDEX namespace_ancestors_ancestor_id ON namespace_ancestors (ancestor_id, namespace_id);
INSERT INTO namespace_ancestors (namespace_id, ancestor_id)
    WITH RECURSIVE above (namespace_id, ancestor_id) AS (
        SELECT id, id FROM namespaces
        UNION ALL
        SELECT a.namespace_id, n.parent_id FROM above a JOIN namespaces n ON n.id = a.ancestor_id
        WHERE n.parent_id IS NOT NULL
    )
    SELECT namespace_id, ancestor_id FROM above;

CREATE TABLE group_members (
    namespace_id  BIGINT NOT NULL REFERENCES namespaces (id),
    user_id       BIGINT NOT NULL REFERENCES users (id),
    access_level  BIGINT NOT NULL,
    expires_at    TEXT,
    created_at    BIGINT NOT NULL,
    created_by_id BIGINT REFERENCES users (id),
    PRIMARY KEY (namespace_id, user_id)
);
CREATE INDEX group_members_user_id ON group_members (user_id);
ALTER TABLE members ADD COLUMN created_by_id BIGINT REFERENCES users (id);
CREATE INDEX members_user_id ON members (user_id);
-- Whose namespace a project stands in is a member of it.
INSERT INTO members (project_id, user_id, access_level, created_at)
    SELECT p.id, n.owner_id, 50, p.created_at FROM projects p JOIN namespaces n ON n.id = p.namespace_id
    WHERE n.owner_id IS NOT NULL
    ON CONFLICT (project_id, user_id) DO UPDATE SET access_level = 50, expires_at = NULL;

-- A project that is deleted is gone for everybody at once, and its records in small steps after that.
ALTER TABLE projects ADD COLUMN marked_for_deletion_at BIGINT;
ALTER TABLE projects ADD COLUMN deleted BOOLEAN NOT NULL DEFAULT FALSE;
CREATE INDEX projects_namespace_id ON projects (namespace_id);
CREATE INDEX projects_marked_for_deletion_at ON projects (marked_for_deletion_at)
    WHERE marked_for_deletion_at IS NOT NULL;
CREATE INDEX redirects_project_id ON redirects (project_id);
CREATE INDEX hook_sources_namespace_id ON hook_sources (namespace_id) WHERE deleted_at IS NULL;
CREATE TABLE purges (
    project_id INTEGER PRIMARY KEY REFERENCES projects (id)
);

-- The token that a rotated one goes back to, and what a token belongs to whose user is a bot.
ALTER TABLE tokens ADD COLUMN family_id BIGINT REFERENCES tokens (id);
ALTER TABLE tokens ADD COLUMN project_id BIGINT REFERENCES projects (id);
ALTER TABLE tokens ADD COLUMN group_id BIGINT REFERENCES namespaces (id);
CREATE INDEX tokens_family_id ON tokens (family_id) WHERE family_id IS NOT NULL;
CREATE INDEX tokens_project_id ON tokens (project_id) WHERE project_id IS NOT NULL;
CREATE INDEX tokens_group_id ON tokens (group_id) WHERE group_id IS NOT NULL;
