//! The list of projects.

use landfall_domain::{
    access::AccessLevel,
    ids::{NamespaceId, ProjectId, UserId},
    page::{Offset, Sort},
    project::{Project, Visibility},
};
use landfall_store::{
    namespaces,
    project_list::{self, ProjectFilter, ProjectOrder, Viewer, Within},
    projects,
};

use crate::both::{Both, at, day, join, project, user};

const PAGE: Offset = Offset { page: 1, per_page: 20 };

const ADA: UserId = UserId(1);
const BOB: UserId = UserId(2);

/// Six projects; ada owns 4 and is a member of 2 (until the 2nd) and 3.
fn begun() -> Both {
    let both = Both::new();
    both.write(|tx| {
        let ada = user(tx, "ada")?;
        user(tx, "bob")?;
        namespaces::ensure_personal(tx, &ada, at(1))?;
        for (id, path, visibility, archived) in [
            (1, "group/Alpha", Visibility::Public, false),
            (2, "group/beta", Visibility::Private, false),
            (3, "group/ärger", Visibility::Private, true),
            (4, "ada/own", Visibility::Private, false),
            (5, "team/sub/Zulu", Visibility::Internal, false),
            (6, "team/bob_s", Visibility::Private, false),
        ] {
            let made = project(tx, path)?;
            assert_eq!(made.id, ProjectId(id));
            let changed = Project {
                visibility,
                archived,
                updated_at: at(100 - id),
                ..made
            };
            projects::update(tx, &changed)?;
        }
        let last_day = Some(day("2026-01-02"));
        join(tx, ProjectId(2), ADA, AccessLevel::Developer, last_day, 1)?;
        join(tx, ProjectId(3), ADA, AccessLevel::Owner, None, 1)?;
        join(tx, ProjectId(6), BOB, AccessLevel::Reporter, None, 1)
    });
    both
}

impl Both {
    fn projects(
        &self,
        viewer: Viewer,
        filter: &ProjectFilter,
        order: (ProjectOrder, Sort),
        today: &'static str,
    ) -> Vec<i64> {
        let (rows, counted) = (filter.clone(), filter.clone());
        let ids = self.read(move |conn| {
            let rows = project_list::list(conn, viewer, &rows, order, PAGE, day(today))?;
            Ok(rows.iter().map(|project| project.id.0).collect::<Vec<_>>())
        });
        let count = self.read(move |conn| project_list::count(conn, viewer, &counted, 100, day(today)));
        assert_eq!(usize::try_from(count).unwrap(), ids.len());
        ids
    }

    fn seen(&self, viewer: Viewer, filter: &ProjectFilter) -> Vec<i64> {
        self.projects(viewer, filter, (ProjectOrder::Id, Sort::Asc), "2026-01-01")
    }
}

#[test]
fn everybody_sees_what_they_may_see() {
    let both = begun();
    let all = ProjectFilter::default();
    assert_eq!(both.seen(Viewer::Nobody, &all), [1]);
    assert_eq!(both.seen(Viewer::User(ADA), &all), [1, 2, 3, 4, 5]);
    assert_eq!(both.seen(Viewer::User(BOB), &all), [1, 5, 6]);
    assert_eq!(both.seen(Viewer::External(ADA), &all), [1, 2, 3, 4]);
    assert_eq!(both.seen(Viewer::External(BOB), &all), [1, 6]);
    assert_eq!(both.seen(Viewer::Admin(ADA), &all), [1, 2, 3, 4, 5, 6]);
    let later = both.projects(Viewer::User(ADA), &all, (ProjectOrder::Id, Sort::Asc), "2026-01-02");
    assert_eq!(later, [1, 3, 4, 5], "a membership ends as its last day begins");
}

#[test]
fn every_filter_lets_its_projects_through() {
    let both = begun();
    let all = ProjectFilter::default;
    let admin = |filter: ProjectFilter| both.seen(Viewer::Admin(ADA), &filter);
    let search = |text: &str, search_namespaces: bool| ProjectFilter {
        search: Some(text.to_owned()),
        search_namespaces,
        ..all()
    };
    assert_eq!(admin(search("ALPHA", false)), [1]);
    assert_eq!(admin(search("group", false)), Vec::<i64>::new());
    assert_eq!(admin(search("GROUP", true)), [1, 2, 3]);
    assert_eq!(admin(search("_", true)), [6], "a wildcard means itself");
    assert_eq!(
        admin(search("ÄRGER", false)),
        Vec::<i64>::new(),
        "as ASCII folds letters"
    );
    assert_eq!(admin(search("äR", false)), [3]);
    assert_eq!(
        admin(ProjectFilter {
            membership: true,
            ..all()
        }),
        [2, 3, 4]
    );
    assert_eq!(admin(ProjectFilter { owned: true, ..all() }), [3, 4]);
    let level = |level| ProjectFilter {
        min_access_level: Some(level),
        ..all()
    };
    assert_eq!(admin(level(AccessLevel::Developer)), [2, 3, 4]);
    assert_eq!(admin(level(AccessLevel::Maintainer)), [3, 4]);
    assert_eq!(both.seen(Viewer::Nobody, &level(AccessLevel::Guest)), Vec::<i64>::new());
    let visibility = |visibility| ProjectFilter {
        visibility: Some(visibility),
        ..all()
    };
    assert_eq!(admin(visibility(Visibility::Internal)), [5]);
    assert_eq!(
        admin(ProjectFilter {
            archived: Some(true),
            ..all()
        }),
        [3]
    );
    assert_eq!(
        admin(ProjectFilter {
            archived: Some(false),
            ..all()
        }),
        [1, 2, 4, 5, 6]
    );
    assert_eq!(
        admin(ProjectFilter {
            id_after: Some(4),
            ..all()
        }),
        [5, 6]
    );
    assert_eq!(
        admin(ProjectFilter {
            id_before: Some(3),
            ..all()
        }),
        [1, 2]
    );
    let updated = ProjectFilter {
        updated_after: Some(at(95)),
        updated_before: Some(at(97)),
        ..all()
    };
    assert_eq!(admin(updated), [3, 4, 5], "both ends are inclusive");
}

#[test]
fn every_order_is_the_same_on_both_engines() {
    let both = begun();
    let list = |order, sort| {
        both.projects(
            Viewer::Admin(ADA),
            &ProjectFilter::default(),
            (order, sort),
            "2026-01-01",
        )
    };
    for (order, ascending) in [
        (ProjectOrder::Id, [1, 2, 3, 4, 5, 6]),
        (ProjectOrder::Name, [1, 5, 2, 6, 4, 3]),
        (ProjectOrder::Path, [1, 5, 2, 6, 4, 3]),
        (ProjectOrder::CreatedAt, [1, 2, 3, 4, 5, 6]),
        (ProjectOrder::UpdatedAt, [6, 5, 4, 3, 2, 1]),
    ] {
        assert_eq!(list(order, Sort::Asc), ascending, "{order:?}");
        let mut descending = ascending;
        descending.reverse();
        assert_eq!(list(order, Sort::Desc), descending, "{order:?}");
    }
}

#[test]
fn a_page_has_one_row_more_where_there_is_a_next_one() {
    let both = begun();
    let page = |page: i64| {
        both.read(move |conn| {
            let offset = Offset { page, per_page: 4 };
            let order = (ProjectOrder::Id, Sort::Asc);
            let all = ProjectFilter::default();
            project_list::list(conn, Viewer::Admin(ADA), &all, order, offset, day("2026-01-01"))
        })
    };
    assert_eq!([page(1).len(), page(2).len(), page(3).len()], [5, 2, 0]);
    let first = both.read(|conn| projects::by_id(conn, ProjectId(1)));
    assert_eq!(page(1).first(), first.as_ref());
    let capped = both.read(|conn| {
        let all = ProjectFilter::default();
        project_list::count(conn, Viewer::Admin(ADA), &all, 5, day("2026-01-01"))
    });
    assert_eq!(capped, 5, "counted up to 5");
}

/// Every combination of the filters, each either absent or set to something that a few of the projects meet.
fn combinations() -> impl Iterator<Item = ProjectFilter> {
    (0_u32..2048).map(|bits| {
        let set = |bit: u32| bits >> bit & 1 == 1;
        ProjectFilter {
            search: set(0).then(|| "a".to_owned()),
            search_namespaces: set(1),
            membership: set(2),
            owned: set(3),
            min_access_level: set(4).then_some(AccessLevel::Developer),
            visibility: set(5).then_some(Visibility::Private),
            archived: set(6).then_some(false),
            id_after: set(7).then_some(1),
            id_before: set(8).then_some(6),
            updated_after: set(9).then(|| at(95)),
            updated_before: set(10).then(|| at(98)),
            within: None,
        }
    })
}

#[test]
fn every_combination_of_filters_is_the_same_on_both_engines() {
    let both = begun();
    let orders = [
        ProjectOrder::Id,
        ProjectOrder::Name,
        ProjectOrder::Path,
        ProjectOrder::CreatedAt,
        ProjectOrder::UpdatedAt,
    ];
    let found = both.read(move |conn| {
        let mut orders = orders
            .iter()
            .flat_map(|order| [(*order, Sort::Asc), (*order, Sort::Desc)])
            .cycle();
        let today = day("2026-01-01");
        let mut found = Vec::new();
        for filter in combinations() {
            for viewer in [
                Viewer::Nobody,
                Viewer::User(ADA),
                Viewer::External(BOB),
                Viewer::Admin(ADA),
            ] {
                let order = orders.next().unwrap();
                let rows = project_list::list(conn, viewer, &filter, order, PAGE, today)?;
                let count = project_list::count(conn, viewer, &filter, 100, today)?;
                assert_eq!(Ok(count), i64::try_from(rows.len()), "{viewer:?} {filter:?}");
                found.push(rows.iter().map(|project| project.id).collect::<Vec<_>>());
            }
        }
        Ok(found)
    });
    assert_eq!(found.len(), 2048 * 4);
    let matched = found.iter().filter(|ids| !ids.is_empty()).count();
    assert!(matched > 1000, "{matched} of the combinations find something");
}

#[test]
fn a_group_lists_its_own_projects_or_those_below_it_too() {
    let both = Both::new();
    both.write(|tx| {
        let ada = user(tx, "ada")?;
        project(tx, "top/app")?;
        project(tx, "top/sub/tool")?;
        project(tx, "topmost/app")?;
        join(tx, NamespaceId(1), ada.id, AccessLevel::Reporter, None, 1)
    });
    let listed = |filter: ProjectFilter| {
        both.read(move |conn| {
            let order = (ProjectOrder::Id, Sort::Asc);
            let found = project_list::list(conn, Viewer::User(ADA), &filter, order, PAGE, day("2026-01-01"))?;
            Ok(found.iter().map(Project::full_path).collect::<Vec<_>>())
        })
    };
    let inherited = ProjectFilter::default();
    assert_eq!(
        listed(inherited),
        ["top/app", "top/sub/tool"],
        "members of a group see what is in it"
    );
    let within = |place| {
        listed(ProjectFilter {
            within: Some(place),
            ..ProjectFilter::default()
        })
    };
    assert_eq!(within(Within::Namespace(NamespaceId(1))), ["top/app"]);
    assert_eq!(within(Within::Tree(NamespaceId(1))), ["top/app", "top/sub/tool"]);
    assert_eq!(within(Within::Nowhere), [""; 0]);
}
