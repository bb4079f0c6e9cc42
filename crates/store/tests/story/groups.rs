//! Groups: making, changing, moving, deleting, and the list of those that somebody may see.

use landfall_domain::{
    access::AccessLevel,
    group::Group,
    hook::{Scope, Sender},
    ids::{NamespaceId, UserId},
    page::{Offset, Sort},
    project::{Namespace, NamespaceKind, Project, Visibility},
};
use landfall_store::{
    Tx,
    groups::{self, GroupFilter, GroupOrder, NewGroup},
    hook_sources, namespaces,
    project_list::Viewer,
    projects,
};

use crate::{
    both::{Both, at, day, join, project, user},
    hook_sources::new_source,
};

const TODAY: &str = "2026-01-01";

fn new_group(parent: Option<&Group>, path: &str, visibility: Visibility) -> NewGroup {
    NewGroup {
        parent: parent.map(|group| group.namespace.clone()),
        name: format!("The {path}"),
        path: path.to_owned(),
        description: None,
        visibility,
        created_at: at(5),
    }
}

fn group(
    tx: &mut Tx<'_>,
    parent: Option<&Group>,
    path: &str,
    visibility: Visibility,
) -> Result<Group, landfall_store::Error> {
    groups::insert(tx, &new_group(parent, path, visibility))
}

#[test]
fn a_group_is_made_found_and_changed() {
    let both = Both::new();
    let made = both.write(|tx| {
        let top = group(tx, None, "Top", Visibility::Public)?;
        let new = NewGroup {
            description: Some("below".to_owned()),
            ..new_group(Some(&top), "sub", Visibility::Private)
        };
        groups::insert(tx, &new)
    });
    let expected = Group {
        namespace: Namespace {
            id: NamespaceId(2),
            kind: NamespaceKind::Group,
            name: "The sub".to_owned(),
            full_name: "The Top / The sub".to_owned(),
            path: "sub".to_owned(),
            full_path: "Top/sub".to_owned(),
            parent_id: Some(NamespaceId(1)),
            owner_id: None,
        },
        description: Some("below".to_owned()),
        visibility: Visibility::Private,
        marked_for_deletion_at: None,
        created_at: at(5),
    };
    assert_eq!(made, expected);
    assert_eq!(
        both.read(|conn| groups::by_id(conn, NamespaceId(2))),
        Some(expected.clone())
    );
    assert_eq!(
        both.read(|conn| groups::by_path(conn, "top/SUB")),
        Some(expected.clone())
    );
    assert_eq!(both.read(|conn| groups::by_path(conn, "sub")), None);

    let changed = Group {
        description: None,
        visibility: Visibility::Internal,
        marked_for_deletion_at: Some(at(9)),
        ..expected
    };
    let after = changed.clone();
    both.write(move |tx| groups::update(tx, &after));
    assert_eq!(
        both.read(|conn| groups::by_id(conn, NamespaceId(2))),
        Some(changed.clone())
    );
    let above = |id| both.read(move |conn| groups::is_marked_above(conn, NamespaceId(id)));
    assert_eq!([above(1), above(2)], [false, true]);
    assert_eq!(both.read(|conn| groups::marked(conn, at(8))), None);
    assert_eq!(both.read(|conn| groups::marked(conn, at(9))), Some(changed));

    both.write(|tx| {
        let ada = user(tx, "ada")?;
        namespaces::ensure_personal(tx, &ada, at(1)).map(drop)
    });
    assert_eq!(
        both.read(|conn| groups::by_path(conn, "ada")),
        None,
        "a user's namespace is no group"
    );
}

#[test]
fn a_path_is_had_once() {
    let both = Both::new();
    both.write(|tx| project(tx, "top/app").map(drop));
    let taken = Err("the constraint namespaces_full_path is violated".to_owned());
    let try_make = |path: &'static str| {
        both.try_write(move |tx| {
            let top = groups::by_path(tx, "top")?;
            group(tx, top.as_ref(), path, Visibility::Private).map(|made| made.namespace.full_path)
        })
    };
    assert_eq!(try_make("APP"), taken, "a project has it");
    assert_eq!(try_make("sub"), Ok("top/sub".to_owned()));
    assert_eq!(try_make("SUB"), taken);
}

#[test]
fn what_is_in_a_group_moves_with_it() {
    let both = Both::new();
    both.write(|tx| {
        project(tx, "top/sub/app")?;
        project(tx, "top/sub/deep/tool")?;
        project(tx, "topmost/app").map(drop)
    });
    let renamed = both.write(|tx| {
        let sub = namespaces::by_path(tx, "top/sub")?.unwrap();
        namespaces::rename(tx, &sub, ("New name", "new"), at(7))
    });
    assert_eq!(
        (renamed.full_path.as_str(), renamed.full_name.as_str()),
        ("top/new", "top / New name")
    );
    assert_eq!(
        both.read(|conn| namespaces::by_path(conn, "top/new")),
        Some(renamed.clone())
    );
    let found = |path: &'static str| both.read(move |conn| Ok(projects::by_path(conn, path)?.map(|found| found.id.0)));
    let redirect =
        |path: &'static str| both.read(move |conn| Ok(projects::by_redirect(conn, path)?.map(|found| found.id.0)));
    assert_eq!(found("top/new/app"), Some(1));
    assert_eq!(found("top/new/deep/tool"), Some(2));
    assert_eq!(found("topmost/app"), Some(3));
    assert_eq!(
        (redirect("top/sub/app"), redirect("top/sub/deep/tool")),
        (Some(1), Some(2))
    );
    let deep = both.read(|conn| namespaces::by_path(conn, "top/new/deep")).unwrap();
    assert_eq!(deep.full_name, "top / New name / deep");

    // Back again: nothing redirects to itself.
    both.write(move |tx| namespaces::rename(tx, &renamed, ("sub", "sub"), at(8)).map(drop));
    assert_eq!(
        (found("top/sub/app"), redirect("top/sub/app"), redirect("top/new/app")),
        (Some(1), None, Some(1))
    );
    // Only the letter case changes: no redirect is needed.
    both.write(|tx| {
        let sub = namespaces::by_path(tx, "top/sub")?.unwrap();
        namespaces::rename(tx, &sub, ("sub", "Sub"), at(8)).map(drop)
    });
    assert_eq!((found("top/sub/app"), redirect("top/sub/app")), (Some(1), None));

    let taken = Err("the constraint namespaces_full_path is violated".to_owned());
    let onto = |path: &'static str| {
        both.try_write(move |tx| {
            let sub = namespaces::by_path(tx, "top/sub/deep")?.unwrap();
            namespaces::rename(tx, &sub, ("x", path), at(8)).map(drop)
        })
    };
    assert_eq!(onto("APP"), taken, "a project has it");
    both.write(|tx| namespaces::ensure_path(tx, "top/sub/other", at(1)).map(drop));
    assert_eq!(onto("other"), taken);
}

#[test]
fn a_group_ends_with_those_below_it() {
    let both = Both::new();
    both.write(|tx| {
        let ada = user(tx, "ada")?;
        project(tx, "top/sub/app")?;
        project(tx, "top/tool")?;
        for group in [1, 2] {
            hook_sources::insert(tx, &new_source(Sender::Gitlab, Scope::Group(NamespaceId(group))))?;
        }
        join(tx, NamespaceId(2), ada.id, AccessLevel::Owner, None, 1)
    });
    let inside = both.read(|conn| {
        Ok(groups::projects(conn, NamespaceId(1))?
            .iter()
            .map(Project::full_path)
            .collect::<Vec<_>>())
    });
    assert_eq!(inside, ["top/sub/app", "top/tool"]);
    both.write(|tx| groups::delete(tx, NamespaceId(2), at(8)));
    assert_eq!(both.read(|conn| groups::by_id(conn, NamespaceId(2))), None);
    assert_eq!(both.read(|conn| namespaces::by_path(conn, "top/sub")), None);
    assert!(both.read(|conn| groups::by_id(conn, NamespaceId(1))).is_some());
    let level = both.read(|conn| landfall_store::members::group_level(conn, NamespaceId(2), UserId(1), day(TODAY)));
    assert_eq!(level, None);
    let may_send = both.read(|conn| {
        Ok(hook_sources::all(conn)?
            .into_iter()
            .map(|source| source.scope)
            .collect::<Vec<_>>())
    });
    assert_eq!(may_send, [Scope::Group(NamespaceId(1))]);
    let again = both.write(|tx| namespaces::ensure_path(tx, "top/sub", at(9)));
    assert_eq!(again.id, NamespaceId(3));
}

fn paths(both: &Both, viewer: Viewer, filter: &GroupFilter, order: (GroupOrder, Sort)) -> Vec<String> {
    let filter = filter.clone();
    both.read(move |conn| {
        let all = Offset { page: 1, per_page: 100 };
        let found = groups::list(conn, viewer, &filter, order, all, day(TODAY))?;
        let count = groups::count(conn, viewer, &filter, 1000, day(TODAY))?;
        assert_eq!(i64::try_from(found.len()).unwrap(), count);
        Ok(found.iter().map(|group| group.namespace.full_path.clone()).collect())
    })
}

#[test]
fn groups_are_listed_as_far_as_they_are_seen() {
    let both = Both::new();
    both.write(|tx| {
        let (ada, bob) = (user(tx, "ada")?, user(tx, "bob")?);
        namespaces::ensure_personal(tx, &ada, at(1))?;
        let public = group(tx, None, "public", Visibility::Public)?;
        group(tx, None, "internal", Visibility::Internal)?;
        let closed = group(tx, None, "closed", Visibility::Private)?;
        let below = group(tx, Some(&closed), "below", Visibility::Private)?;
        group(tx, Some(&below), "deep", Visibility::Private)?;
        group(tx, Some(&public), "part", Visibility::Private)?;
        project(tx, "public/part/app")?;
        join(tx, below.namespace.id, ada.id, AccessLevel::Developer, None, 1)?;
        join(tx, below.namespace.id, bob.id, AccessLevel::Owner, Some(day(TODAY)), 1)?;
        join(
            tx,
            landfall_domain::ids::ProjectId(1),
            bob.id,
            AccessLevel::Guest,
            None,
            1,
        )
    });
    let by_id = (GroupOrder::Id, Sort::Asc);
    let all = GroupFilter::default();
    let (ada, bob) = (UserId(1), UserId(2));
    let everything = [
        "public",
        "internal",
        "closed",
        "closed/below",
        "closed/below/deep",
        "public/part",
    ];
    assert_eq!(paths(&both, Viewer::Admin(ada), &all, by_id), everything);
    assert_eq!(paths(&both, Viewer::Nobody, &all, by_id), ["public"]);
    assert_eq!(
        paths(&both, Viewer::User(ada), &all, by_id),
        ["public", "internal", "closed", "closed/below", "closed/below/deep"]
    );
    assert_eq!(
        paths(&both, Viewer::External(bob), &all, by_id),
        ["public", "public/part"]
    );
    let seen =
        |group: i64, user| both.read(move |conn| groups::is_member_below(conn, NamespaceId(group), user, day(TODAY)));
    assert_eq!(
        [seen(4, ada), seen(5, ada), seen(2, bob), seen(4, bob), seen(3, ada)],
        [true, true, true, false, false]
    );

    let filtered = |filter: GroupFilter| paths(&both, Viewer::User(ada), &filter, by_id);
    let member = GroupFilter {
        membership: true,
        ..GroupFilter::default()
    };
    assert_eq!(
        filtered(member.clone()),
        ["closed", "closed/below", "closed/below/deep"]
    );
    assert_eq!(paths(&both, Viewer::Nobody, &member, by_id), [""; 0]);
    let least = |level| GroupFilter {
        min_access_level: Some(level),
        ..GroupFilter::default()
    };
    assert_eq!(
        filtered(least(AccessLevel::Developer)),
        ["closed/below", "closed/below/deep"]
    );
    assert_eq!(filtered(least(AccessLevel::Owner)), [""; 0]);
    let search = GroupFilter {
        search: Some("THE BELOW".to_owned()),
        ..GroupFilter::default()
    };
    assert_eq!(filtered(search), ["closed/below"]);
    let visibility = GroupFilter {
        visibility: Some(Visibility::Internal),
        ..GroupFilter::default()
    };
    assert_eq!(filtered(visibility), ["internal"]);
    let top = GroupFilter {
        top_level_only: true,
        ..GroupFilter::default()
    };
    assert_eq!(filtered(top), ["public", "internal", "closed"]);
    let parent = GroupFilter {
        parent: Some(NamespaceId(4)),
        ..GroupFilter::default()
    };
    assert_eq!(filtered(parent), ["closed/below"]);
    let below = GroupFilter {
        below: Some(NamespaceId(4)),
        ..GroupFilter::default()
    };
    assert_eq!(filtered(below), ["closed/below", "closed/below/deep"]);
    let skipped = GroupFilter {
        skip_groups: vec![2, 4],
        ..GroupFilter::default()
    };
    assert_eq!(filtered(skipped), ["internal", "closed/below", "closed/below/deep"]);
}

#[test]
fn groups_are_listed_in_every_order() {
    let both = Both::new();
    both.write(|tx| {
        for path in ["public", "internal", "closed"] {
            group(tx, None, path, Visibility::Public)?;
        }
        Ok(())
    });
    let ordered = |order, sort| paths(&both, Viewer::Nobody, &GroupFilter::default(), (order, sort));
    assert_eq!(ordered(GroupOrder::Name, Sort::Asc), ["closed", "internal", "public"]);
    assert_eq!(ordered(GroupOrder::Name, Sort::Desc), ["public", "internal", "closed"]);
    assert_eq!(ordered(GroupOrder::Path, Sort::Asc), ["closed", "internal", "public"]);
    assert_eq!(ordered(GroupOrder::Path, Sort::Desc), ["public", "internal", "closed"]);
    assert_eq!(ordered(GroupOrder::Id, Sort::Desc), ["closed", "internal", "public"]);
}
