//! Memberships of projects and groups, and the levels that follow from them.

use landfall_domain::{
    access::AccessLevel,
    ids::{NamespaceId, ProjectId, UserId},
    member::{Levels, Source},
    page::Offset,
    project::Project,
};
use landfall_store::{
    member_list::{self, Member, MemberFilter, Scope},
    members, namespaces, projects, users,
};

use crate::both::{Both, at, day, join, project, user};

const PROJECT: ProjectId = ProjectId(1);
const TOP: NamespaceId = NamespaceId(1);
const SUB: NamespaceId = NamespaceId(2);
const ADA: UserId = UserId(1);
const BOB: UserId = UserId(2);

const ALL: Offset = Offset { page: 1, per_page: 100 };

fn levels(both: &Both, app: &Project, user: UserId, today: &'static str) -> Levels {
    let app = app.clone();
    both.read(move |conn| {
        let levels = members::levels(conn, &app, user, day(today))?;
        let together = members::levels_in(conn, &[app.clone(), app.clone()], user, day(today))?;
        assert_eq!(together, [levels, levels]);
        Ok(levels)
    })
}

fn listed(both: &Both, scope: Scope, filter: &MemberFilter, today: &'static str) -> Vec<(i64, i64)> {
    let filter = filter.clone();
    both.read(move |conn| {
        let found = member_list::list(conn, scope, &filter, ALL, day(today))?;
        let count = member_list::count(conn, scope, &filter, 1000, day(today))?;
        assert_eq!(i64::try_from(found.len()).unwrap(), count);
        Ok(found
            .iter()
            .map(|member| (member.user.id.0, member.access_level.number()))
            .collect())
    })
}

#[test]
fn memberships_are_set_changed_and_removed() {
    let both = Both::new();
    let (ada, bob, app) = both.write(|tx| Ok((user(tx, "ada")?, user(tx, "bob")?, project(tx, "group/app")?)));
    let level = |user: UserId, today| levels(&both, &app, user, today).highest();
    assert_eq!(level(ADA, "2026-01-01"), None);
    let direct = Scope::Direct(PROJECT.into());
    let everybody = MemberFilter::default();
    assert_eq!(listed(&both, direct, &everybody, "2026-01-01"), []);

    both.write(|tx| {
        join(tx, PROJECT, BOB, AccessLevel::Developer, None, 3)?;
        join(tx, PROJECT, ADA, AccessLevel::Guest, None, 4)?;
        let last_day = Some(day("2026-01-02"));
        let changed = members::NewMember {
            source: PROJECT.into(),
            user_id: ADA,
            access_level: AccessLevel::Maintainer,
            expires_at: last_day,
            created_at: at(5),
            created_by_id: Some(BOB),
        };
        members::set(tx, &changed)
    });
    assert_eq!(level(ADA, "2026-01-01"), Some(AccessLevel::Maintainer));
    assert_eq!(level(ADA, "2026-01-02"), None, "it ends as its last day begins");
    assert_eq!(level(BOB, "2026-01-02"), Some(AccessLevel::Developer));
    let expected = [
        Member {
            user: ada,
            access_level: AccessLevel::Maintainer,
            expires_at: Some(day("2026-01-02")),
            created_at: at(4),
            created_by_id: None,
        },
        Member {
            user: bob,
            access_level: AccessLevel::Developer,
            expires_at: None,
            created_at: at(3),
            created_by_id: None,
        },
    ];
    let found =
        both.read(move |conn| member_list::list(conn, direct, &MemberFilter::default(), ALL, day("2026-01-01")));
    assert_eq!(found, expected);
    assert_eq!(listed(&both, direct, &everybody, "2026-01-02"), [(2, 30)]);
    let one = |user, today| both.read(move |conn| member_list::get(conn, direct, user, day(today)));
    assert_eq!(one(ADA, "2026-01-01").as_ref(), Some(&expected[0]));
    assert_eq!(one(ADA, "2026-01-02"), None);

    assert!(both.write(|tx| members::remove(tx, PROJECT.into(), BOB)));
    assert!(!both.write(|tx| members::remove(tx, PROJECT.into(), BOB)));
    assert_eq!(level(BOB, "2026-01-01"), None);
}

#[test]
fn groups_hand_their_levels_down() {
    let both = Both::new();
    let app = both.write(|tx| {
        for name in ["ada", "bob", "eve"] {
            user(tx, name)?;
        }
        project(tx, "top/sub/app")
    });
    both.write(|tx| {
        join(tx, TOP, ADA, AccessLevel::Developer, None, 1)?;
        join(tx, TOP, BOB, AccessLevel::Owner, Some(day("2026-01-02")), 1)?;
        join(tx, SUB, ADA, AccessLevel::Reporter, None, 2)?;
        join(tx, SUB, BOB, AccessLevel::Guest, None, 2)?;
        join(tx, PROJECT, ADA, AccessLevel::Developer, None, 3)
    });
    let given = |project, group| Levels { project, group };
    assert_eq!(
        levels(&both, &app, ADA, "2026-01-01"),
        given(Some(AccessLevel::Developer), Some(AccessLevel::Developer))
    );
    assert_eq!(
        levels(&both, &app, BOB, "2026-01-01"),
        given(None, Some(AccessLevel::Owner))
    );
    assert_eq!(
        levels(&both, &app, BOB, "2026-01-02"),
        given(None, Some(AccessLevel::Guest))
    );
    assert_eq!(levels(&both, &app, UserId(3), "2026-01-01"), Levels::default());

    let in_group = |group, user, today| both.read(move |conn| members::group_level(conn, group, user, day(today)));
    assert_eq!(in_group(SUB, BOB, "2026-01-01"), Some(AccessLevel::Owner));
    assert_eq!(in_group(SUB, BOB, "2026-01-02"), Some(AccessLevel::Guest));
    assert_eq!(in_group(TOP, BOB, "2026-01-02"), None, "nothing comes from below");

    let above = |source: Source, namespace, user| {
        both.read(move |conn| members::inherited(conn, source, namespace, user, day("2026-01-01")))
    };
    assert_eq!(
        above(PROJECT.into(), SUB, ADA),
        Some((AccessLevel::Developer, "top".to_owned()))
    );
    assert_eq!(
        above(SUB.into(), SUB, BOB),
        Some((AccessLevel::Owner, "top".to_owned()))
    );
    assert_eq!(
        above(TOP.into(), TOP, BOB),
        None,
        "a group's own level is not inherited"
    );

    let others = |group, user, today| both.read(move |conn| members::has_other_owner(conn, group, user, day(today)));
    assert!(others(SUB, ADA, "2026-01-01"));
    assert!(!others(SUB, ADA, "2026-01-02"));
    assert!(!others(TOP, BOB, "2026-01-01"));
    both.write(|tx| {
        let mut bot = crate::both::new_user("bot");
        bot.bot = true;
        let bot = users::insert(tx, &bot)?;
        join(tx, TOP, bot.id, AccessLevel::Owner, None, 1)
    });
    assert!(!others(TOP, BOB, "2026-01-01"), "a bot owns nothing alone");
    assert!(both.write(|tx| members::remove(tx, TOP.into(), UserId(4))));
}

#[test]
fn a_list_of_all_members_has_each_once_with_the_highest_level() {
    let both = Both::new();
    both.write(|tx| {
        for name in ["ada", "bob", "eve"] {
            user(tx, name)?;
        }
        project(tx, "top/sub/app")?;
        join(tx, TOP, ADA, AccessLevel::Owner, None, 1)?;
        join(tx, SUB, BOB, AccessLevel::Maintainer, None, 2)?;
        join(tx, PROJECT, ADA, AccessLevel::Guest, None, 3)?;
        join(tx, PROJECT, BOB, AccessLevel::Maintainer, None, 3)?;
        join(tx, PROJECT, UserId(3), AccessLevel::Reporter, None, 3)
    });
    let all = MemberFilter::default();
    let today = "2026-01-01";
    let of_project = Scope::All(PROJECT.into(), SUB);
    assert_eq!(
        listed(&both, Scope::Direct(PROJECT.into()), &all, today),
        [(1, 10), (2, 40), (3, 20)]
    );
    assert_eq!(listed(&both, of_project, &all, today), [(1, 50), (2, 40), (3, 20)]);
    assert_eq!(
        listed(&both, Scope::All(SUB.into(), SUB), &all, today),
        [(1, 50), (2, 40)]
    );
    assert_eq!(listed(&both, Scope::Direct(TOP.into()), &all, today), [(1, 50)]);
    let nearest = both.read(move |conn| member_list::get(conn, of_project, BOB, day("2026-01-01")));
    assert_eq!(
        nearest.unwrap().created_at,
        at(3),
        "of equal levels the nearest is shown"
    );

    let filtered = |filter: MemberFilter| listed(&both, of_project, &filter, today);
    let search = |text: &str| MemberFilter {
        search: Some(text.to_owned()),
        ..MemberFilter::default()
    };
    assert_eq!(filtered(search("BOB the")), [(2, 40)]);
    assert_eq!(filtered(search("Eve@example.com")), [(3, 20)]);
    assert_eq!(
        filtered(MemberFilter {
            user_ids: vec![1, 3, 9],
            ..MemberFilter::default()
        }),
        [(1, 50), (3, 20)]
    );
    assert_eq!(
        filtered(MemberFilter {
            skip_users: vec![1],
            ..MemberFilter::default()
        }),
        [(2, 40), (3, 20)]
    );
    let second = both.read(move |conn| {
        let page = Offset { page: 2, per_page: 1 };
        let found = member_list::list(conn, of_project, &MemberFilter::default(), page, day("2026-01-01"))?;
        Ok(found.iter().map(|member| member.user.id.0).collect::<Vec<_>>())
    });
    assert_eq!(second, [2, 3], "with one more, which tells of a next page");
}

#[test]
fn a_user_owns_what_is_in_the_own_namespace() {
    let both = Both::new();
    both.write(|tx| {
        for name in ["ada", "bob"] {
            let user = user(tx, name)?;
            namespaces::ensure_personal(tx, &user, at(1))?;
        }
        project(tx, "bob/app")
    });
    let app = both.read(|conn| projects::by_id(conn, PROJECT)).unwrap();
    let owner = Levels {
        project: Some(AccessLevel::Owner),
        group: None,
    };
    assert_eq!(levels(&both, &app, BOB, "2026-01-01"), owner);
    assert_eq!(levels(&both, &app, ADA, "2026-01-01"), Levels::default());
    assert_eq!(
        both.read(|conn| members::levels_in(conn, &[], ADA, day("2026-01-01"))),
        []
    );
}
