//! Deployments as they are written out, and the bodies that are made of them.
//!
//! As long as there is room, all that is read is kept; then only what is asked for again soon. Whoever walks through
//! everything once drives out nothing that way, and nothing is copied in vain.

use std::sync::atomic::{AtomicI64, Ordering};

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
/// Deployments that are remembered for having been passed by: those of some 1,600 lists.
const PASSED_BY: usize = 32_768;

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

pub(super) struct Rows {
    kept: sync::Cache<DeploymentId, Row, Bytewise>,
    /// More bytes than these are as good as full.
    many: u64,
    /// Ids of deployments that were not kept when they were asked for last, each in the one place that it may have.
    passed_by: Box<[AtomicI64]>,
}

impl Rows {
    pub(super) fn new(bytes: u64) -> Rows {
        let items = usize::try_from(bytes / USUAL).unwrap_or_default();
        Rows {
            kept: sync::Cache::with_weighter(items, bytes, Bytewise),
            many: bytes / 10 * 9,
            passed_by: (0..PASSED_BY).map(|_| AtomicI64::default()).collect(),
        }
    }

    /// Keeps those of these deployments that are worth it, each by itself and not in the memory of its list.
    fn keep(&self, rows: &[Row]) {
        let is_full = self.is_full();
        for row in rows {
            if !is_full || self.is_asked_for_again(row.id) {
                let listed = Bytes::copy_from_slice(&row.listed);
                self.kept.insert(row.id, Row { listed, ..row.clone() });
            }
        }
    }

    fn is_full(&self) -> bool {
        self.bytes() > self.many
    }

    /// Whether the deployment was asked for not long ago; notes that it is now.
    fn is_asked_for_again(&self, id: DeploymentId) -> bool {
        let place = usize::try_from(id.0).unwrap_or_default() % PASSED_BY;
        let place = self.passed_by.get(place);
        place.is_some_and(|place| place.swap(id.0, Ordering::Relaxed) == id.0)
    }

    /// Whether all that is shown is kept.
    pub(super) fn has(&self, ids: &Shown<DeploymentId>) -> bool {
        match ids {
            Shown::One(id) => self.kept.contains_key(id),
            Shown::List(ids) => ids.iter().all(|id| self.kept.contains_key(id)),
        }
    }

    pub(super) fn remove(&self, id: DeploymentId) {
        self.kept.remove(&id);
    }

    pub(super) fn remove_environment(&self, id: EnvironmentId) {
        self.kept.retain(|_, row| row.environment != id);
    }

    pub(super) fn remove_user(&self, id: UserId) {
        self.kept.retain(|_, row| row.user != Some(id));
    }

    pub(super) fn bytes(&self) -> u64 {
        self.kept.weight()
    }

    pub(super) fn clear(&self) {
        self.kept.clear();
    }

    /// What is shown, if all of it is kept.
    pub(super) fn shown(&self, ids: &Shown<DeploymentId>) -> Option<Shown<Row>> {
        match ids {
            Shown::One(id) => self.kept.get(id).map(Shown::One),
            Shown::List(ids) => {
                let mut rows = Vec::with_capacity(ids.len());
                for id in ids {
                    rows.push(self.kept.get(id)?);
                }
                Some(Shown::List(rows))
            }
        }
    }
}

impl Cache {
    /// The deployment as it is in this state, if it is kept.
    pub(crate) fn row(&self, position: Position, id: DeploymentId) -> Option<Row> {
        self.find(position, || self.rows.kept.get(&id))
    }

    /// Keeps those of these deployments that are worth it. They were read in this state.
    pub(crate) fn keep_rows(&self, position: Position, rows: &[Row]) {
        self.keep(position, |_| self.rows.keep(rows));
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
        rows.keep(&[row(1, "{}", 2)]);
        assert!(rows.shown(&Shown::One(DeploymentId(1))).is_some());
        assert!(rows.shown(&Shown::List(vec![DeploymentId(1)])).is_some());
        let more = Shown::List(vec![DeploymentId(1), DeploymentId(2)]);
        assert!(rows.shown(&more).is_none());
    }

    #[test]
    fn once_it_is_full_only_what_is_asked_for_again_is_kept() {
        let rows = Rows::new(1 << 20);
        let long = "x".repeat(100);
        let many: Vec<Row> = (1..=5_000).map(|id| row(id, &long, 2)).collect();
        rows.keep(&many[..1_000]);
        assert!(!rows.is_full() && many[..1_000].iter().all(|row| rows.kept.contains_key(&row.id)));
        rows.keep(&many);
        assert!(rows.is_full());

        let new = [row(10_001, "{}", 2), row(10_002, "{}", 2)];
        let is_kept = || [&new[0], &new[1]].map(|row| rows.has(&Shown::One(row.id)));
        rows.keep(&new);
        assert_eq!(is_kept(), [false, false]);
        // The place where the first is remembered is taken by another one meanwhile.
        rows.keep(&[row(10_001 + i64::try_from(PASSED_BY).unwrap(), "{}", 2)]);
        rows.keep(&new);
        assert_eq!(is_kept(), [false, true]);
        rows.keep(&new);
        assert_eq!(is_kept(), [true, true]);
    }
}
