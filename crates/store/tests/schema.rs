//! The two schemas are the same: tables, columns, kinds of types, what may be missing, indexes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use landfall_store::{
    Conn, Error,
    testing::{Engine, TestDatabase, first_column},
};

/// Where the texts are ordered, compared by range or folded, PostgreSQL must do it as SQLite does: byte by byte.
const BY_BYTES: &str = "
    SELECT table_name || '.' || column_name FROM information_schema.columns
    WHERE table_schema = current_schema() AND data_type = 'text' AND collation_name = 'C' ORDER BY 1";

const SQLITE_COLUMNS: &str = "
    SELECT t.name || '.' || c.name || ' ' ||
        CASE c.type WHEN 'INTEGER' THEN 'bigint' ELSE lower(c.type) END ||
        CASE WHEN c.\"notnull\" = 1 OR c.pk > 0 THEN ' not null' ELSE '' END ||
        CASE WHEN c.pk > 0 THEN ' key ' || c.pk ELSE '' END
    FROM sqlite_schema t, pragma_table_info(t.name) c
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite!_%' ESCAPE '!' AND t.name <> 'refinery_schema_history'
    ORDER BY t.name, c.cid";

const POSTGRES_COLUMNS: &str = "
    SELECT c.table_name || '.' || c.column_name || ' ' || c.data_type ||
        CASE c.is_nullable WHEN 'NO' THEN ' not null' ELSE '' END ||
        coalesce(' key ' || k.ordinal_position, '')
    FROM information_schema.columns c
    LEFT JOIN information_schema.key_column_usage k ON k.table_schema = c.table_schema AND k.table_name = c.table_name
        AND k.column_name = c.column_name AND k.constraint_name = c.table_name || '_pkey'
    WHERE c.table_schema = current_schema() AND c.table_name <> 'refinery_schema_history'
    ORDER BY c.table_name COLLATE \"C\", c.ordinal_position";

const SQLITE_INDEXES: &str = "
    SELECT t.name || ' ' || i.name || CASE i.\"unique\" WHEN 1 THEN ' unique' ELSE '' END ||
        CASE i.partial WHEN 1 THEN ' partial' ELSE '' END
    FROM sqlite_schema t, pragma_index_list(t.name) i WHERE t.type = 'table' AND i.origin = 'c' ORDER BY 1";

const POSTGRES_INDEXES: &str = "
    SELECT (t.relname || ' ' || i.relname || CASE WHEN x.indisunique THEN ' unique' ELSE '' END ||
        CASE WHEN x.indpred IS NULL THEN '' ELSE ' partial' END) COLLATE \"C\"
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
    WHERE t.relnamespace = current_schema()::regnamespace AND NOT x.indisprimary ORDER BY 1";

const SQLITE_REFERENCES: &str = "
    SELECT t.name || '.' || r.\"from\" || ' ' || r.\"table\" || '.' || r.\"to\"
    FROM sqlite_schema t, pragma_foreign_key_list(t.name) r WHERE t.type = 'table' ORDER BY 1";

const POSTGRES_REFERENCES: &str = "
    SELECT (k.table_name || '.' || k.column_name || ' ' || u.table_name || '.' || u.column_name) COLLATE \"C\"
    FROM information_schema.referential_constraints r
    JOIN information_schema.key_column_usage k ON k.constraint_name = r.constraint_name
    JOIN information_schema.constraint_column_usage u ON u.constraint_name = r.constraint_name
    WHERE r.constraint_schema = current_schema() ORDER BY 1";

async fn ask(engine: Engine, sql: &'static str) -> Vec<String> {
    let database = TestDatabase::new(engine);
    let store = database.open();
    let asked = store.read(move |conn: &mut Conn<'_>| first_column(conn, sql));
    let answer: Result<_, Error> = asked.await;
    answer.unwrap()
}

#[tokio::test]
async fn the_engines_have_the_same_schema() {
    for (on_sqlite, on_postgres, least) in [
        (SQLITE_COLUMNS, POSTGRES_COLUMNS, 150),
        (SQLITE_INDEXES, POSTGRES_INDEXES, 20),
        (SQLITE_REFERENCES, POSTGRES_REFERENCES, 15),
    ] {
        let left = ask(Engine::Sqlite, on_sqlite).await;
        assert!(left.len() >= least, "{left:?}");
        assert_eq!(left, ask(Engine::Postgres, on_postgres).await);
    }
}

#[tokio::test]
async fn texts_are_compared_byte_by_byte_on_postgresql_too() {
    let columns = ask(Engine::Postgres, BY_BYTES).await;
    insta::assert_snapshot!(columns.join("\n"), @"
    deployments.commit_id
    deployments.external_id
    deployments.git_ref
    deployments.sha
    environments.name
    environments.name_in_folder
    environments.slug
    group_members.expires_at
    members.expires_at
    namespaces.full_path
    namespaces.name
    namespaces.path
    projects.full_path
    projects.name
    projects.path
    redirects.full_path
    tokens.expires_at
    tokens.name
    users.email
    users.name
    users.public_email
    users.username
    ");
}
