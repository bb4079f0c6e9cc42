//! Looking a database over, for `landfall doctor`: is it the right one, is it whole, is it set up so that what was
//! answered stays, do its numbers agree with its rows. Nothing is changed.

use crate::{
    engine::{Conn, Stmt, statements},
    error::Error,
    migrate,
};

statements! { "doctor";
    VERSION = migrate::VERSION;
    COUNTERS = "SELECT count(*) FROM projects p LEFT JOIN deployment_counters c ON c.project_id = p.id \
                LEFT JOIN (SELECT project_id, count(*) AS total, max(iid) AS last_iid FROM deployments \
                GROUP BY project_id) d ON d.project_id = p.id \
                WHERE NOT p.deleted AND (c.project_id IS NULL OR c.total <> coalesce(d.total, 0) \
                OR c.last_iid < coalesce(d.last_iid, 0))";
    ENVIRONMENTS = "SELECT count(*) FROM deployments d JOIN environments e ON e.id = d.environment_id \
                    WHERE e.project_id <> d.project_id";
    ENDLESS = "SELECT count(*) FROM deployments d WHERE d.status = 2 AND d.finished_at IS NULL";
    JOBS = "SELECT count(*) FROM jobs j WHERE NOT EXISTS (SELECT 1 FROM deployments d WHERE d.job_id = j.id)";
    PARTS = "SELECT count(*) FROM jobs j LEFT JOIN pipelines l ON l.id = j.pipeline_id \
             LEFT JOIN runners r ON r.id = j.runner_id WHERE (j.pipeline_id IS NOT NULL AND l.id IS NULL) \
             OR (j.runner_id IS NOT NULL AND r.id IS NULL)";
    ADMINISTRATORS = "SELECT count(*) FROM users u WHERE u.admin AND u.state = 'active'";
}

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Ok,
    /// It works, but somebody should look.
    Warning,
    /// It does not work, or not as it should.
    Failure,
}

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What was looked at, in one word.
    pub name: &'static str,
    /// How it is.
    pub level: Level,
    /// The same in one sentence.
    pub text: String,
}

impl Finding {
    fn new(name: &'static str, level: Level, text: impl Into<String>) -> Finding {
        Finding {
            name,
            level,
            text: text.into(),
        }
    }

    /// Fine where nothing was counted.
    fn counted(name: &'static str, count: i64, level: Level, fine: &str, found: &str) -> Finding {
        if count == 0 {
            Finding::new(name, Level::Ok, fine)
        } else {
            Finding::new(name, level, format!("{found}: {count}."))
        }
    }
}

/// Looks at everything. It reads the whole database, so on a large one it takes its time; servers may go on working.
///
/// It ends early where the schema is not this program's, because the rest would mean nothing then.
pub fn check(conn: &mut Conn<'_>) -> Result<Vec<Finding>, Error> {
    let mut findings = vec![engine(conn)?];
    let schema = schema(conn)?;
    let ends = schema.level == Level::Failure;
    findings.push(schema);
    if ends {
        return Ok(findings);
    }
    if conn.is_sqlite() {
        findings.extend([
            durability_of_sqlite(conn)?,
            integrity(conn)?,
            dangling(conn)?,
            size(conn, SQLITE_SIZE)?,
        ]);
    } else {
        findings.extend([
            durability_of_postgres(conn)?,
            unproven(conn)?,
            size(conn, POSTGRES_SIZE)?,
        ]);
    }
    findings.extend(rows(conn)?);
    Ok(findings)
}

const SQLITE_SIZE: &str = "SELECT p.page_count * s.page_size FROM pragma_page_count p, pragma_page_size s";
const POSTGRES_SIZE: &str = "SELECT pg_database_size(current_database())";

fn engine(conn: &mut Conn<'_>) -> Result<Finding, Error> {
    let (name, sql) = if conn.is_sqlite() {
        ("SQLite", "SELECT sqlite_version()")
    } else {
        ("PostgreSQL", "SELECT current_setting('server_version')")
    };
    let version = texts(conn, sql)?.concat();
    Ok(Finding::new(
        "engine",
        Level::Ok,
        format!("The database engine is {name} {version}."),
    ))
}

fn schema(conn: &mut Conn<'_>) -> Result<Finding, Error> {
    let (found, newest) = (number(conn, &VERSION)?, migrate::newest());
    Ok(if found == newest {
        Finding::new("schema", Level::Ok, format!("The schema is the newest ({newest})."))
    } else {
        let text = format!("The schema is {found}, and this version of Landfall works with {newest}.");
        Finding::new("schema", Level::Failure, text)
    })
}

fn durability_of_sqlite(conn: &mut Conn<'_>) -> Result<Finding, Error> {
    let sql = "SELECT journal_mode FROM pragma_journal_mode";
    let mode = texts(conn, sql)?.concat();
    Ok(if mode == "wal" {
        Finding::new(
            "durability",
            Level::Ok,
            "Writes are flushed to a write-ahead log before they are answered.",
        )
    } else {
        let text = format!("The journal mode is {mode} and not wal, so reads and writes wait for each other.");
        Finding::new("durability", Level::Warning, text)
    })
}

fn durability_of_postgres(conn: &mut Conn<'_>) -> Result<Finding, Error> {
    let sql = "SELECT name || ' = ' || setting FROM pg_settings \
               WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') AND setting = 'off' ORDER BY name";
    let off = texts(conn, sql)?;
    Ok(if off.is_empty() {
        Finding::new(
            "durability",
            Level::Ok,
            "Writes are flushed to the write-ahead log before they are answered.",
        )
    } else {
        let text = format!("A crash can lose writes that were answered: {}.", off.join(", "));
        Finding::new("durability", Level::Failure, text)
    })
}

fn integrity(conn: &mut Conn<'_>) -> Result<Finding, Error> {
    let found = texts(conn, "PRAGMA quick_check(10)")?.join("; ");
    Ok(if found == "ok" {
        Finding::new("integrity", Level::Ok, "The file is whole.")
    } else {
        Finding::new("integrity", Level::Failure, format!("The file is damaged: {found}."))
    })
}

fn dangling(conn: &mut Conn<'_>) -> Result<Finding, Error> {
    let sql = "SELECT DISTINCT \"table\" || ' to ' || parent FROM pragma_foreign_key_check ORDER BY 1";
    let found = texts(conn, sql)?;
    Ok(if found.is_empty() {
        Finding::new("references", Level::Ok, "Every row that another one refers to exists.")
    } else {
        let text = format!("Rows refer to rows that do not exist: {}.", found.join(", "));
        Finding::new("references", Level::Failure, text)
    })
}

/// PostgreSQL keeps references whole by itself, unless it was told not to look.
fn unproven(conn: &mut Conn<'_>) -> Result<Finding, Error> {
    let sql = "SELECT CAST(c.conname AS TEXT) FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid \
               WHERE c.contype = 'f' AND NOT c.convalidated AND t.relnamespace = current_schema()::regnamespace \
               ORDER BY 1";
    let found = texts(conn, sql)?;
    Ok(if found.is_empty() {
        Finding::new("references", Level::Ok, "Every row that another one refers to exists.")
    } else {
        let text = format!("These references were never checked: {}.", found.join(", "));
        Finding::new("references", Level::Failure, text)
    })
}

fn size(conn: &mut Conn<'_>, sql: &str) -> Result<Finding, Error> {
    let bytes: i64 = conn.query_text(sql, &[], |row| row.get::<i64>(0))?.into_iter().sum();
    let text = format!("The database takes {} MB.", bytes / 1_000_000);
    Ok(Finding::new("size", Level::Ok, text))
}

/// What the rows say about each other.
fn rows(conn: &mut Conn<'_>) -> Result<Vec<Finding>, Error> {
    let administrators = number(conn, &ADMINISTRATORS)?;
    Ok(vec![
        Finding::counted(
            "counters",
            number(conn, &COUNTERS)?,
            Level::Failure,
            "The counters of deployments agree with the deployments.",
            "Projects whose counter of deployments does not agree with their deployments",
        ),
        Finding::counted(
            "environments",
            number(conn, &ENVIRONMENTS)?,
            Level::Failure,
            "Every deployment is in an environment of its own project.",
            "Deployments in an environment of another project",
        ),
        Finding::counted(
            "finishes",
            number(conn, &ENDLESS)?,
            Level::Warning,
            "Every success has a time of its finish.",
            "Successes without a time of their finish, which are never the last deployment of their environment",
        ),
        Finding::counted(
            "jobs",
            number(conn, &JOBS)?,
            Level::Warning,
            "Every job belongs to a deployment.",
            "Jobs that belong to no deployment",
        ),
        Finding::counted(
            "parts",
            number(conn, &PARTS)?,
            Level::Failure,
            "Every job has the pipeline and the runner that it refers to.",
            "Jobs whose pipeline or runner does not exist",
        ),
        if administrators == 0 {
            Finding::new("administrators", Level::Warning, "There is no active administrator.")
        } else {
            let text = format!("Active administrators: {administrators}.");
            Finding::new("administrators", Level::Ok, text)
        },
    ])
}

fn number(conn: &mut Conn<'_>, statement: &Stmt) -> Result<i64, Error> {
    let found = conn.query_opt(statement, &[], |row| row.get(0))?;
    found.ok_or_else(|| Error::Engine(format!("{} answered no row", statement.name)))
}

fn texts(conn: &mut Conn<'_>, sql: &str) -> Result<Vec<String>, Error> {
    conn.query_text(sql, &[], |row| row.get(0))
}
