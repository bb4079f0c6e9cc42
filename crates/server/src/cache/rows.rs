//! Deployments as they are written out, and the bodies that are made of them.

use bytes::Bytes;
use landfall_domain::{
    deployment::Deployment,
    ids::{DeploymentId, EnvironmentId, ProjectId, UserId},
};
use landfall_store::changes::Position;
use quick_cache::{Weighter, sync};
use xxhash_rust::xxh3::xxh3_128;

use super::Cache;
use crate::{content::Content, views::deployment::EXTENSION};

/// What an entry costs beside its bytes.
const OVERHEAD: u64 = 200;
/// What a deployment with its job is reckoned at, for the size of tables.
const USUAL: u64 = 2_600;

/// A deployment as it is written out.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Its id.
    pub(crate) id: DeploymentId,
    /// The form of lists, after a comma.
    pub(super) listed: Bytes,
    /// Where in this the keys of the extended form belong.
    pub(super) gap: usize,
    /// A hash of it.
    pub(super) tag: u128,
    /// Where it belongs.
    pub(crate) project: ProjectId,
    /// What it shows beside itself.
    pub(super) environment: EnvironmentId,
    /// Its user.
    pub(super) user: Option<UserId>,
}

impl Row {
    /// A deployment that has been written out, in the form of lists and after a comma, with the place where the keys of the
    /// extended form belong.
    pub(crate) fn new<T>(deployment: &Deployment<T>, listed: Bytes, gap: usize) -> Row {
        Row {
            id: deployment.id,
            tag: xxh3_128(&listed),
            listed,
            gap,
            project: deployment.project_id,
            environment: deployment.environment_id,
            user: deployment.user_id,
        }
    }
}

/// What an answer shows: rows, or the ids of those.
#[derive(Clone, Debug)]
pub(crate) enum Shown<D> {
    /// One deployment, in the extended form.
    One(D),
    /// A JSON array of basic forms.
    List(Vec<D>),
}

impl Shown<Row> {
    /// The ids.
    pub(crate) fn ids(&self) -> Shown<DeploymentId> {
        match self {
            Shown::One(row) => Shown::One(row.id),
            Shown::List(rows) => Shown::List(rows.iter().map(|row| row.id).collect()),
        }
    }

    /// A tag that is another one if any byte of the body is.
    pub(crate) fn tag(&self) -> u128 {
        match self {
            Shown::One(row) => row.tag,
            Shown::List(rows) => {
                let tags: Vec<u8> = rows.iter().flat_map(|row| row.tag.to_le_bytes()).collect();
                xxh3_128(&tags)
            }
        }
    }

    /// The body: the very bytes of the rows, which are not copied.
    pub(crate) fn body(&self) -> Content {
        match self {
            Shown::One(row) => {
                let (length, gap) = (row.listed.len(), row.gap.min(row.listed.len()));
                let head = row.listed.slice(1.min(gap)..gap);
                vec![
                    head,
                    Bytes::from_static(EXTENSION.as_bytes()),
                    row.listed.slice(gap..length),
                ]
                .into()
            }
            Shown::List(rows) => {
                let mut pieces = Vec::with_capacity(rows.len() + 2);
                pieces.push(Bytes::from_static(b"["));
                pieces.extend(rows.iter().map(|row| row.listed.clone()));
                if let Some(first) = pieces.get_mut(1) {
                    *first = first.slice(1.min(first.len())..);
                }
                pieces.push(Bytes::from_static(b"]"));
                pieces.into()
            }
        }
    }
}

#[derive(Clone)]
struct Bytewise;

impl Weighter<DeploymentId, Row> for Bytewise {
    fn weight(&self, _: &DeploymentId, row: &Row) -> u64 {
        OVERHEAD + row.listed.len() as u64
    }
}

pub(super) struct Rows(sync::Cache<DeploymentId, Row, Bytewise>);

impl Rows {
    pub(super) fn new(bytes: u64) -> Rows {
        let items = usize::try_from(bytes / USUAL).unwrap_or_default();
        Rows(sync::Cache::with_weighter(items, bytes, Bytewise))
    }

    pub(super) fn remove(&self, id: DeploymentId) {
        self.0.remove(&id);
    }

    pub(super) fn remove_environment(&self, id: EnvironmentId) {
        self.0.retain(|_, row| row.environment != id);
    }

    pub(super) fn remove_user(&self, id: UserId) {
        self.0.retain(|_, row| row.user != Some(id));
    }

    pub(super) fn bytes(&self) -> u64 {
        self.0.weight()
    }

    pub(super) fn clear(&self) {
        self.0.clear();
    }

    /// What is shown, if all of it is kept.
    pub(super) fn shown(&self, ids: &Shown<DeploymentId>) -> Option<Shown<Row>> {
        match ids {
            Shown::One(id) => self.0.get(id).map(Shown::One),
            Shown::List(ids) => {
                let mut rows = Vec::with_capacity(ids.len());
                for id in ids {
                    rows.push(self.0.get(id)?);
                }
                Some(Shown::List(rows))
            }
        }
    }
}

impl Cache {
    /// The deployment, if it is kept.
    pub(crate) fn row(&self, id: DeploymentId) -> Option<Row> {
        self.rows.0.get(&id)
    }

    /// Keeps a deployment that was read in this state.
    pub(crate) fn keep_row(&self, position: Position, row: &Row) {
        self.keep(position, |_| self.rows.0.insert(row.id, row.clone()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(id: i64, text: &str, gap: usize) -> Row {
        Row {
            id: DeploymentId(id),
            listed: Bytes::from(format!(",{text}")),
            gap,
            tag: xxh3_128(text.as_bytes()),
            project: ProjectId(1),
            environment: EnvironmentId(1),
            user: None,
        }
    }

    fn body(shown: &Shown<Row>) -> String {
        String::from_utf8(shown.body().into_bytes().to_vec()).unwrap()
    }

    #[test]
    fn bodies_are_put_together_from_rows() {
        let (one, two) = (row(1, r#"{"id":1,"landfall":{}}"#, 8), row(2, r#"{"id":2}"#, 8));
        assert_eq!(body(&Shown::List(vec![])), "[]");
        assert_eq!(body(&Shown::List(vec![two.clone()])), r#"[{"id":2}]"#);
        let both = Shown::List(vec![one.clone(), two]);
        assert_eq!(body(&both), r#"[{"id":1,"landfall":{}},{"id":2}]"#);
        assert_eq!(
            body(&Shown::One(one)),
            format!(r#"{{"id":1{EXTENSION},"landfall":{{}}}}"#)
        );
    }

    #[test]
    fn tags_differ_where_bodies_do() {
        let (one, two, other) = (row(1, "1", 2), row(2, "2", 2), row(1, "3", 2));
        let lists = [
            vec![],
            vec![one.clone()],
            vec![two.clone()],
            vec![one.clone(), two.clone()],
            vec![two.clone(), one],
            vec![other, two],
        ];
        let mut tags: Vec<u128> = lists.into_iter().map(|rows| Shown::List(rows).tag()).collect();
        tags.sort_unstable();
        tags.dedup();
        assert_eq!(tags.len(), 6);
    }

    #[test]
    fn an_answer_needs_all_of_its_rows() {
        let rows = Rows::new(1 << 20);
        rows.0.insert(DeploymentId(1), row(1, "{}", 2));
        assert!(rows.shown(&Shown::One(DeploymentId(1))).is_some());
        assert!(rows.shown(&Shown::List(vec![DeploymentId(1)])).is_some());
        let more = Shown::List(vec![DeploymentId(1), DeploymentId(2)]);
        assert!(rows.shown(&more).is_none());
    }
}
