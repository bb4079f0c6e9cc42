//! A database that is large enough for a planner to care, and plans made short.

use landfall_domain::{ids::ProjectId, time::Timestamp};
use landfall_store::{
    Error, Store, Tx,
    testing::{Engine, Recorded, TestDatabase, first_column, plan, record, run_sql},
};
use tokio::runtime::{Builder, Runtime};

pub(crate) const PROJECT: ProjectId = ProjectId(1);

/// One project has 24,000 deployments in the environment `production` (and a few in `review`), most of them successes of
/// the user `bot`; another one has 6,000.
const ROWS: &str = "
INSERT INTO users (id, username, name, email, public_email, state, admin, external, bot, linkedin, twitter, discord,
    github, skype, website_url, organization, job_title, created_at)
    SELECT n, CASE n WHEN 1 THEN 'bot' ELSE 'user' || n END, '', '', '', 'active', false, false, false, '', '', '', '', '',
    '', '', '', 0 FROM numbers WHERE n <= 2000;
INSERT INTO tokens (id, user_id, name, digest, scopes, revoked, created_at)
    SELECT n, n, '', 'digest' || n, '', false, 0 FROM numbers WHERE n <= 2000;
INSERT INTO namespaces (id, kind, name, path, full_path, full_name, created_at)
    SELECT n, 'group', '', 'g' || n, 'g' || n, '', 0 FROM numbers WHERE n <= 2000;
INSERT INTO namespace_ancestors (namespace_id, ancestor_id)
    SELECT n, n FROM numbers WHERE n <= 2000 UNION ALL SELECT n, n / 10 FROM numbers WHERE n >= 10 AND n <= 2000;
INSERT INTO group_members (namespace_id, user_id, access_level, created_at)
    SELECT g.n, u.n, 30, 0 FROM numbers g, numbers u WHERE g.n <= 100 AND u.n <= 20;
INSERT INTO projects (id, namespace_id, name, path, full_path, visibility, archived, repository_access, builds_access,
    environments_access, created_at, updated_at)
    SELECT n, n, '', 'p', 'g' || n || '/p', 'private', false, 'enabled', 'enabled', 'enabled', n, n
    FROM numbers WHERE n <= 2000;
INSERT INTO deployment_counters (project_id, last_iid, total) SELECT n, 24000, 24000 FROM numbers WHERE n <= 2000;
INSERT INTO redirects (id, full_path, project_id, created_at) SELECT n, 'old' || n, n, 0 FROM numbers WHERE n <= 2000;
INSERT INTO members (project_id, user_id, access_level, created_at)
    SELECT p.n, u.n, 30, 0 FROM numbers p, numbers u WHERE p.n <= 100 AND u.n <= 20;
INSERT INTO environments (id, project_id, name, slug, tier, state, auto_stop_setting, created_at, updated_at)
    SELECT n, CASE WHEN n <= 1000 THEN 1 ELSE 2 END, CASE n WHEN 1 THEN 'production' ELSE 'review' || n END, 'slug' || n,
    0, 'available', 'always', 0, 0 FROM numbers WHERE n <= 2000;
INSERT INTO deployments (id, iid, project_id, environment_id, user_id, git_ref, tag, sha, status, source,
    owned_by_gitlab, created_at, updated_at, finished_at)
    SELECT n, n, CASE WHEN n <= 24000 THEN 1 ELSE 2 END,
    CASE WHEN n > 24000 THEN 1001 WHEN n % 30 = 0 THEN 2 + n % 900 ELSE 1 END,
    CASE WHEN n % 30 = 0 THEN 2 + n % 900 ELSE 1 END,
    CASE WHEN n % 30 = 0 THEN 'branch' || n % 900 ELSE 'main' END, false, CASE WHEN n % 30 = 0 THEN 'abcdef' || n ELSE 'fedcba' || n END,
    CASE WHEN n % 300 = 0 THEN 1 WHEN n % 30 = 0 THEN 3 ELSE 2 END, 'api', false, n * 1000, n * 1000,
    CASE WHEN n % 300 = 0 THEN NULL ELSE n * 1000 END
    FROM numbers;
INSERT INTO webhooks (id, project_id, namespace_id, url, ssl_verification, triggers, deployment_events, branch_filter_strategy,
    custom_headers, url_variables, failures, created_at)
    SELECT n, CASE WHEN n % 2 = 0 THEN n END, CASE WHEN n % 2 = 1 THEN n END, '', true, '', true, 'wildcard', '[]', '[]', 0, 0
    FROM numbers WHERE n <= 2000;
INSERT INTO mirrors (project_id, key, url, with_credentials, status, error, failures, next_at, held_until)
    SELECT n, 'key' || n, '', false, 'finished', CASE WHEN n % 500 = 0 THEN 'gone' END, 0, n * 1000, 0
    FROM numbers WHERE n <= 2000;
INSERT INTO webhook_messages (id, event_uuid, facts, created_at) SELECT n, 'event' || n, '{}', n FROM numbers WHERE n <= 2000;
INSERT INTO webhook_queue (id, hook_id, message_id, idempotency_key, attempts, due_at, created_at)
    SELECT n, n % 100 + 1, n % 2000 + 1, '', 0, n, n FROM numbers WHERE n <= 4000;
INSERT INTO webhook_log (id, hook_id, message_id, idempotency_key, trigger_name, url, request_headers, response_headers,
    response_body, duration, created_at)
    SELECT n, n % 100 + 1, n % 2000 + 1, '', '', '', '', '', '', 0, n FROM numbers WHERE n <= 4000;
INSERT INTO hook_sources (id, sender, project_id, name, projects, digest, created_at)
    SELECT n, CASE WHEN n % 500 = 0 THEN 'github' ELSE 'flux' END, n, '', '{}',
    '0000000000000000000000000000000000000000000000000000000000000000', 0 FROM numbers WHERE n <= 2000;
INSERT INTO inbox (id, source_id, sender, project_id, external_id, state, attempts, received_at, due_at, processed_at)
    SELECT n, 1 + n % 2000, 'flux', 1 + n % 100, 'delivery' || n, CASE WHEN n % 1000 = 0 THEN 'waiting' ELSE 'done' END,
    1, n, n, CASE WHEN n % 1000 = 0 THEN NULL ELSE n END FROM numbers;
INSERT INTO inbox_contents (delivery_id, headers, body, encoded) SELECT n, '{}', '{}', false FROM numbers;
INSERT INTO observations (id, project_id, subject, object, run, digest, data, deployment_id, received_at)
    SELECT n, 1, 'job ' || n / 4, CASE WHEN n % 10 = 0 THEN 'app' || n % 1000 END, 'run ' || n / 8, 'digest' || n, '{}',
    n / 4, n FROM numbers;
INSERT INTO events (id, kind, data, at) SELECT n, 'user_created', '', 0 FROM numbers WHERE n <= 2000;
";

/// A moment in the middle of the rows.
pub(crate) fn at(row: i64) -> Timestamp {
    Timestamp::from_micros(row * 1000)
}

pub(crate) struct World {
    engine: Engine,
    runtime: Runtime,
    store: Store,
    _database: TestDatabase,
}

impl World {
    pub(crate) fn new(engine: Engine) -> World {
        let database = TestDatabase::new(engine);
        let store = database.open();
        let numbers = match engine {
            Engine::Sqlite => {
                "WITH RECURSIVE up (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM up WHERE n < 30000) SELECT n FROM up"
            }
            Engine::Postgres => "SELECT n FROM generate_series(1, 30000) AS up (n)",
        };
        run_sql(
            database.url(),
            &format!("CREATE TEMPORARY TABLE numbers AS {numbers}; {ROWS}"),
        );
        if engine == Engine::Postgres {
            run_sql(
                database.url(),
                "SELECT setval(pg_get_serial_sequence('deployments', 'id'), 30000);
                 SELECT setval(pg_get_serial_sequence('events', 'id'), 30000)",
            );
            // VACUUM must be alone in its message. It tells the planner that indexes suffice.
            run_sql(database.url(), "VACUUM ANALYZE");
        }
        World {
            engine,
            runtime: Builder::new_current_thread().build().unwrap(),
            store,
            _database: database,
        }
    }

    /// The statements that `work` runs, and the plan of each.
    pub(crate) fn plans<T: Send + 'static>(
        &self,
        work: impl FnMut(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    ) -> Vec<(Recorded, Vec<String>)> {
        let mut work = work;
        let engine = self.engine;
        let planned = self.store.write(move |tx| {
            if engine == Engine::Postgres {
                // So a scan shows only where no index can do the work, and not where the table is small.
                first_column(tx, "SELECT set_config('enable_seqscan', 'off', true)")?;
            }
            let (result, statements) = record(|| work(tx));
            result?;
            statements
                .into_iter()
                .map(|statement| {
                    let steps = plan(tx, &statement)?;
                    Ok((statement, steps))
                })
                .collect::<Result<Vec<_>, Error>>()
        });
        self.runtime.block_on(planned).unwrap()
    }
}

/// A plan on one line: the tables and indexes in the order in which they are used, and the sorts.
pub(crate) fn short(steps: &[String]) -> String {
    let mut parts: Vec<String> = Vec::new();
    for step in steps {
        let words: Vec<&str> = step.split_whitespace().filter(|word| *word != "->").collect();
        let after = |name: &str| {
            let place = words.iter().position(|word| *word == name)?;
            words.get(place + 1).copied()
        };
        match words.as_slice() {
            ["SEARCH", table, "USING", "INTEGER", "PRIMARY", "KEY", ..] => parts.push(format!("{table} by rowid")),
            // The rows of an inner query, or of one that goes on from row to row, and the one row that a query without a
            // table has.
            [
                "SCAN",
                "counted" | "heard" | "newest" | "up" | "waiting" | "CONSTANT",
                ..,
            ] => {}
            ["SEARCH" | "SCAN", table, ..] => parts.push(match after("INDEX") {
                Some(index) if words.contains(&"COVERING") => format!("{index} alone"),
                Some(index) => index.to_owned(),
                None => format!("SCAN {table}"),
            }),
            ["USE", "TEMP", "B-TREE", ..] | ["Sort"] => parts.push("SORT".to_owned()),
            ["Incremental", "Sort", ..] => parts.push("PARTIAL SORT".to_owned()),
            ["Index", "Only", "Scan", ..] => parts.push(format!("{} alone", after("using").unwrap())),
            ["Index", "Scan", ..] => parts.push(after("using").unwrap().to_owned()),
            ["Bitmap", "Index", "Scan", ..] => parts.push(after("on").unwrap().to_owned()),
            ["Seq", "Scan", ..] => parts.push(format!("SCAN {}", after("on").unwrap())),
            _ => {}
        }
    }
    parts.join(", ")
}
