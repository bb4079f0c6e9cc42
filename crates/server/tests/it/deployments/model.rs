//! The rules of deployments (reference 6, 8 and 13) in their most naive form: a list of rows that is searched again and
//! again. It knows nothing of the server's code.

use std::time::Duration;

use super::*;

#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) environment: &'static str,
    /// 0 stands for a text that is no commit.
    pub(super) commit: u64,
    pub(super) git_ref: &'static str,
    pub(super) tag: bool,
    pub(super) status: &'static str,
    /// So many seconds ago it happened, if that is told.
    pub(super) ago: Option<u64>,
}

#[derive(Clone, Debug)]
pub(super) struct Filter {
    pub(super) environment: Option<&'static str>,
    pub(super) status: Option<&'static str>,
    pub(super) git_ref: Option<&'static str>,
    pub(super) user: Option<&'static str>,
    pub(super) commit: Option<u64>,
    /// The seconds since the beginning, in which most of it happens.
    pub(super) updated_after: Option<u64>,
    pub(super) finished_before: Option<u64>,
    pub(super) order: &'static str,
    pub(super) descending: bool,
}

impl Filter {
    pub(super) fn all() -> Filter {
        Filter {
            environment: None,
            status: None,
            git_ref: None,
            user: None,
            commit: None,
            updated_after: None,
            finished_before: None,
            order: "id",
            descending: false,
        }
    }
}

/// A deployment as the rules have it.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) iid: i64,
    pub(super) environment: &'static str,
    pub(super) commit: u64,
    pub(super) git_ref: &'static str,
    pub(super) tag: bool,
    pub(super) status: &'static str,
    pub(super) user: &'static str,
    pub(super) created: Timestamp,
    pub(super) updated: Timestamp,
    pub(super) finished: Option<Timestamp>,
}

impl Row {
    pub(super) fn facts(&self) -> Value {
        json!([
            self.id,
            self.iid,
            self.environment,
            sha(self.commit),
            self.git_ref,
            self.tag,
            self.status,
            self.user,
            self.created.to_wire(),
            self.updated.to_wire(),
            self.finished.map(Timestamp::to_wire),
        ])
    }
}

/// What an answer must be.
#[derive(Debug)]
pub(super) enum Expected {
    /// A status and a whole body.
    Told(u16, String),
    /// A status and the facts of a deployment.
    One(u16, Value),
    /// A deployment that is new; its id is the server's.
    New(Row),
    /// The facts of a list.
    Many(Vec<Value>),
}

impl From<(u16, &str)> for Expected {
    fn from((status, body): (u16, &str)) -> Expected {
        Expected::Told(status, body.to_owned())
    }
}

pub(super) fn refused(status: u16, message: &Value) -> Expected {
    Expected::Told(status, json!({ "message": message }).to_string())
}

pub(super) fn finishes(status: &str) -> bool {
    matches!(status, "success" | "failed" | "canceled")
}

#[derive(Default)]
pub(super) struct Model {
    pub(super) rows: Vec<Row>,
    pub(super) last_iid: i64,
}

impl Model {
    /// The success with the newest finish; of equal ones the highest id.
    pub(super) fn live(&self, environment: &str) -> Option<&Row> {
        let successes = self
            .rows
            .iter()
            .filter(|row| row.environment == environment && row.status == "success");
        successes.max_by_key(|row| (row.finished, row.id))
    }

    pub(super) fn create(&mut self, (user, level): (&'static str, u32), wanted: &Wanted, now: Timestamp) -> Expected {
        if level < 30 {
            return if level == 0 { NO_PROJECT } else { FORBIDDEN }.into();
        }
        let told = wanted.ago.map(|ago| now.minus(Duration::from_secs(ago)));
        if told.is_some() && level < 40 {
            return refused(
                403,
                &json!("403 Forbidden - Only maintainers can set created_at, updated_at and finished_at"),
            );
        }
        if wanted.commit == 0 {
            return refused(400, &json!({ "sha": ["The commit does not exist"] }));
        }
        if wanted.git_ref == "a..b" {
            return refused(400, &json!({ "ref": ["The branch or tag does not exist"] }));
        }
        if wanted.environment == "bad!" {
            let text = "can contain only letters, digits, '-', '_', '/', '$', '{', '}', '.', and spaces, but it cannot start or end with '/'";
            return refused(400, &json!({ "name": [text] }));
        }
        if wanted.status == "success"
            && let Some(live) = self.live(wanted.environment)
            && (live.commit, live.git_ref, live.tag) == (wanted.commit, wanted.git_ref, wanted.tag)
            && (told.is_none() || told == live.finished)
        {
            return Expected::One(201, live.facts());
        }
        self.last_iid += 1;
        let at = told.unwrap_or(now);
        Expected::New(Row {
            id: 0,
            iid: self.last_iid,
            environment: wanted.environment,
            commit: wanted.commit,
            git_ref: wanted.git_ref,
            tag: wanted.tag,
            status: wanted.status,
            user,
            created: at,
            updated: at,
            finished: finishes(wanted.status).then_some(at),
        })
    }

    pub(super) fn find(&self, id: i64) -> Option<usize> {
        self.rows.iter().position(|row| row.id == id)
    }

    pub(super) fn update(&mut self, level: u32, id: i64, status: &'static str, now: Timestamp) -> Expected {
        let found = self.find(id);
        match (level, found) {
            (0, _) => return NO_PROJECT.into(),
            (_, None) => return NOT_FOUND.into(),
            (1..30, _) => return FORBIDDEN.into(),
            _ => {}
        }
        let row = &mut self.rows[found.unwrap()];
        let event = match status {
            "running" if row.status != "created" => Some("run"),
            "success" if row.status == "success" => Some("succeed"),
            "failed" if row.status == "failed" => Some("drop"),
            "canceled" if row.status == "canceled" => Some("cancel"),
            _ => None,
        };
        if let Some(event) = event {
            return refused(
                400,
                &json!({ "status": [format!("cannot transition via \"{event}\"")] }),
            );
        }
        row.status = status;
        row.updated = now;
        if finishes(status) {
            row.finished = Some(now);
        }
        Expected::One(200, row.facts())
    }

    pub(super) fn delete(&mut self, level: u32, id: i64) -> Expected {
        let found = self.find(id);
        match (level, found) {
            (0, _) => return NO_PROJECT.into(),
            (_, None) => return NOT_FOUND.into(),
            (1..40, _) => return FORBIDDEN.into(),
            _ => {}
        }
        let row = &self.rows[found.unwrap()];
        if row.status == "running" {
            return refused(400, &json!("Cannot destroy running deployment"));
        }
        if self.live(row.environment).is_some_and(|live| live.id == id) {
            return refused(400, &json!("Deployment currently deployed to environment"));
        }
        self.rows.remove(found.unwrap());
        Expected::Told(204, String::new())
    }

    pub(super) fn get(&self, level: u32, id: i64) -> Expected {
        match (level, self.find(id)) {
            (0, _) => NO_PROJECT.into(),
            (1..20, _) => FORBIDDEN.into(),
            (_, None) => NOT_FOUND.into(),
            (_, Some(place)) => Expected::One(200, self.rows[place].facts()),
        }
    }

    pub(super) fn list(&self, level: u32, filter: &Filter) -> Expected {
        if level < 20 {
            return if level == 0 { NO_PROJECT } else { FORBIDDEN }.into();
        }
        let is = |wanted: Option<&str>, value: &str| wanted.is_none_or(|wanted| wanted == value);
        let mut rows: Vec<&Row> = self.rows.iter().collect();
        rows.retain(|row| {
            is(filter.environment, row.environment)
                && is(filter.status, row.status)
                && is(filter.git_ref, row.git_ref)
                && is(filter.user, row.user)
                && filter.commit.is_none_or(|commit| commit == row.commit)
                && filter.updated_after.is_none_or(|at| row.updated >= moment(at))
                && filter
                    .finished_before
                    .is_none_or(|at| row.finished.is_some_and(|finished| finished < moment(at)))
        });
        rows.sort_by_key(|row| {
            let never = Timestamp(i64::MAX);
            let (time, text) = match filter.order {
                "created_at" => (row.created, ""),
                "updated_at" => (row.updated, ""),
                "finished_at" => (row.finished.unwrap_or(never), ""),
                "ref" => (never, row.git_ref),
                _ => (never, ""),
            };
            (time, text, row.id)
        });
        if filter.descending {
            rows.reverse();
        }
        Expected::Many(rows.into_iter().map(Row::facts).collect())
    }
}

/// So many seconds after the beginning.
pub(super) fn moment(seconds: u64) -> Timestamp {
    NOW.plus(Duration::from_secs(seconds))
}
