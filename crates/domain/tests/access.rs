//! The permission matrix (reference section 13), printed.

use std::fmt::Write as _;

use landfall_domain::{
    access::{AccessLevel, Action, Actor, Decision, Subject, decide, decide_create_project},
    ids::{NamespaceId, UserId},
    project::{FeatureAccess, Namespace, NamespaceKind, Visibility},
};

const USER: Actor = Actor {
    user_id: UserId(7),
    admin: false,
    external: false,
};
const EXTERNAL: Actor = Actor { external: true, ..USER };
const ADMIN: Actor = Actor { admin: true, ..USER };

/// Column heads and who they stand for.
const CALLERS: [(&str, Option<Actor>, Option<AccessLevel>); 13] = [
    ("nobody", None, None),
    ("user", Some(USER), None),
    ("external", Some(EXTERNAL), None),
    ("minimal", Some(USER), Some(AccessLevel::Minimal)),
    ("guest", Some(USER), Some(AccessLevel::Guest)),
    ("planner", Some(USER), Some(AccessLevel::Planner)),
    ("reporter", Some(USER), Some(AccessLevel::Reporter)),
    ("security", Some(USER), Some(AccessLevel::SecurityManager)),
    ("ext. dev.", Some(EXTERNAL), Some(AccessLevel::Developer)),
    ("developer", Some(USER), Some(AccessLevel::Developer)),
    ("maintainer", Some(USER), Some(AccessLevel::Maintainer)),
    ("owner", Some(USER), Some(AccessLevel::Owner)),
    ("admin", Some(ADMIN), None),
];

fn subject(visibility: Visibility) -> Subject {
    Subject {
        visibility,
        archived: false,
        repository_access: FeatureAccess::Enabled,
        builds_access: FeatureAccess::Enabled,
        environments_access: FeatureAccess::Enabled,
        level: None,
    }
}

#[expect(clippy::unwrap_used, reason = "a test fails by panicking")]
fn table(subject: Subject) -> String {
    let mut table = format!("{:22}", subject.visibility.as_str());
    for (head, ..) in CALLERS {
        write!(table, " {head:>10}").unwrap();
    }
    for action in Action::ALL {
        write!(table, "\n{:22}", format!("{action:?}")).unwrap();
        for (_, actor, level) in CALLERS {
            let cell = match decide(actor.as_ref(), &Subject { level, ..subject }, *action) {
                Decision::Allowed => "ok",
                Decision::Forbidden => "403",
                Decision::NotFound => "404",
            };
            write!(table, " {cell:>10}").unwrap();
        }
    }
    table
}

#[test]
fn private_project() {
    insta::assert_snapshot!(table(subject(Visibility::Private)), @"
    private                    nobody       user   external    minimal      guest    planner   reporter   security  ext. dev.  developer maintainer      owner      admin
    ReadProject                   404        404        404        404         ok         ok         ok         ok         ok         ok         ok         ok         ok
    ReadCode                      404        404        404        404        403        403         ok         ok         ok         ok         ok         ok         ok
    ReadDeployments               404        404        404        404        403        403         ok         ok         ok         ok         ok         ok         ok
    CreateDeployment              404        404        404        404        403        403        403        403         ok         ok         ok         ok         ok
    UpdateDeployment              404        404        404        404        403        403        403        403         ok         ok         ok         ok         ok
    DestroyDeployment             404        404        404        404        403        403        403        403        403        403         ok         ok         ok
    SetHistory                    404        404        404        404        403        403        403        403        403        403         ok         ok         ok
    CreateEnvironment             404        404        404        404        403        403        403        403         ok         ok         ok         ok         ok
    UpdateEnvironment             404        404        404        404        403        403        403        403         ok         ok         ok         ok         ok
    StopEnvironment               404        404        404        404        403        403        403        403         ok         ok         ok         ok         ok
    StopStaleEnvironments         404        404        404        404        403        403        403        403        403        403         ok         ok         ok
    DestroyEnvironment            404        404        404        404        403        403        403        403         ok         ok         ok         ok         ok
    AdminProject                  404        404        404        404        403        403        403        403        403        403         ok         ok         ok
    RenameProject                 404        404        404        404        403        403        403        403        403        403        403         ok         ok
    ManageMembers                 404        404        404        404        403        403        403        403        403        403         ok         ok         ok
    ManageAccessTokens            404        404        404        404        403        403        403        403        403        403         ok         ok         ok
    ArchiveProject                404        404        404        404        403        403        403        403        403        403        403         ok         ok
    DestroyProject                404        404        404        404        403        403        403        403        403        403        403         ok         ok
    ");
}

#[test]
fn internal_project() {
    insta::assert_snapshot!(table(subject(Visibility::Internal)), @"
    internal                   nobody       user   external    minimal      guest    planner   reporter   security  ext. dev.  developer maintainer      owner      admin
    ReadProject                   404         ok        404         ok         ok         ok         ok         ok         ok         ok         ok         ok         ok
    ReadCode                      404         ok        404         ok         ok         ok         ok         ok         ok         ok         ok         ok         ok
    ReadDeployments               404         ok        404         ok         ok         ok         ok         ok         ok         ok         ok         ok         ok
    CreateDeployment              404        403        404        403        403        403        403        403         ok         ok         ok         ok         ok
    UpdateDeployment              404        403        404        403        403        403        403        403         ok         ok         ok         ok         ok
    DestroyDeployment             404        403        404        403        403        403        403        403        403        403         ok         ok         ok
    SetHistory                    404        403        404        403        403        403        403        403        403        403         ok         ok         ok
    CreateEnvironment             404        403        404        403        403        403        403        403         ok         ok         ok         ok         ok
    UpdateEnvironment             404        403        404        403        403        403        403        403         ok         ok         ok         ok         ok
    StopEnvironment               404        403        404        403        403        403        403        403         ok         ok         ok         ok         ok
    StopStaleEnvironments         404        403        404        403        403        403        403        403        403        403         ok         ok         ok
    DestroyEnvironment            404        403        404        403        403        403        403        403         ok         ok         ok         ok         ok
    AdminProject                  404        403        404        403        403        403        403        403        403        403         ok         ok         ok
    RenameProject                 404        403        404        403        403        403        403        403        403        403        403         ok         ok
    ManageMembers                 404        403        404        403        403        403        403        403        403        403         ok         ok         ok
    ManageAccessTokens            404        403        404        403        403        403        403        403        403        403         ok         ok         ok
    ArchiveProject                404        403        404        403        403        403        403        403        403        403        403         ok         ok
    DestroyProject                404        403        404        403        403        403        403        403        403        403        403         ok         ok
    ");
}

#[test]
fn public_project() {
    insta::assert_snapshot!(table(subject(Visibility::Public)), @"
    public                     nobody       user   external    minimal      guest    planner   reporter   security  ext. dev.  developer maintainer      owner      admin
    ReadProject                    ok         ok         ok         ok         ok         ok         ok         ok         ok         ok         ok         ok         ok
    ReadCode                       ok         ok         ok         ok         ok         ok         ok         ok         ok         ok         ok         ok         ok
    ReadDeployments                ok         ok         ok         ok         ok         ok         ok         ok         ok         ok         ok         ok         ok
    CreateDeployment              403        403        403        403        403        403        403        403         ok         ok         ok         ok         ok
    UpdateDeployment              403        403        403        403        403        403        403        403         ok         ok         ok         ok         ok
    DestroyDeployment             403        403        403        403        403        403        403        403        403        403         ok         ok         ok
    SetHistory                    403        403        403        403        403        403        403        403        403        403         ok         ok         ok
    CreateEnvironment             403        403        403        403        403        403        403        403         ok         ok         ok         ok         ok
    UpdateEnvironment             403        403        403        403        403        403        403        403         ok         ok         ok         ok         ok
    StopEnvironment               403        403        403        403        403        403        403        403         ok         ok         ok         ok         ok
    StopStaleEnvironments         403        403        403        403        403        403        403        403        403        403         ok         ok         ok
    DestroyEnvironment            403        403        403        403        403        403        403        403         ok         ok         ok         ok         ok
    AdminProject                  403        403        403        403        403        403        403        403        403        403         ok         ok         ok
    RenameProject                 403        403        403        403        403        403        403        403        403        403        403         ok         ok
    ManageMembers                 403        403        403        403        403        403        403        403        403        403         ok         ok         ok
    ManageAccessTokens            403        403        403        403        403        403        403        403        403        403         ok         ok         ok
    ArchiveProject                403        403        403        403        403        403        403        403        403        403        403         ok         ok
    DestroyProject                403        403        403        403        403        403        403        403        403        403        403         ok         ok
    ");
}

#[test]
fn archived_project_is_read_only() {
    let archived = Subject {
        archived: true,
        ..subject(Visibility::Internal)
    };
    insta::assert_snapshot!(table(archived), @"
    internal                   nobody       user   external    minimal      guest    planner   reporter   security  ext. dev.  developer maintainer      owner      admin
    ReadProject                   404         ok        404         ok         ok         ok         ok         ok         ok         ok         ok         ok         ok
    ReadCode                      404         ok        404         ok         ok         ok         ok         ok         ok         ok         ok         ok         ok
    ReadDeployments               404         ok        404         ok         ok         ok         ok         ok         ok         ok         ok         ok         ok
    CreateDeployment              404        403        404        403        403        403        403        403        403        403        403        403        403
    UpdateDeployment              404        403        404        403        403        403        403        403        403        403        403        403        403
    DestroyDeployment             404        403        404        403        403        403        403        403        403        403        403        403        403
    SetHistory                    404        403        404        403        403        403        403        403        403        403        403        403        403
    CreateEnvironment             404        403        404        403        403        403        403        403        403        403        403        403        403
    UpdateEnvironment             404        403        404        403        403        403        403        403        403        403        403        403        403
    StopEnvironment               404        403        404        403        403        403        403        403        403        403        403        403        403
    StopStaleEnvironments         404        403        404        403        403        403        403        403        403        403        403        403        403
    DestroyEnvironment            404        403        404        403        403        403        403        403        403        403        403        403        403
    AdminProject                  404        403        404        403        403        403        403        403        403        403         ok         ok         ok
    RenameProject                 404        403        404        403        403        403        403        403        403        403        403         ok         ok
    ManageMembers                 404        403        404        403        403        403        403        403        403        403         ok         ok         ok
    ManageAccessTokens            404        403        404        403        403        403        403        403        403        403         ok         ok         ok
    ArchiveProject                404        403        404        403        403        403        403        403        403        403        403         ok         ok
    DestroyProject                404        403        404        403        403        403        403        403        403        403        403         ok         ok
    ");
}

#[test]
fn features_for_members_only_shut_out_visitors() {
    let members_only = Subject {
        repository_access: FeatureAccess::Private,
        ..subject(Visibility::Public)
    };
    insta::assert_snapshot!(table(members_only), @"
    public                     nobody       user   external    minimal      guest    planner   reporter   security  ext. dev.  developer maintainer      owner      admin
    ReadProject                    ok         ok         ok         ok         ok         ok         ok         ok         ok         ok         ok         ok         ok
    ReadCode                      403        403        403        403         ok         ok         ok         ok         ok         ok         ok         ok         ok
    ReadDeployments               403        403        403        403         ok         ok         ok         ok         ok         ok         ok         ok         ok
    CreateDeployment              403        403        403        403        403        403        403        403         ok         ok         ok         ok         ok
    UpdateDeployment              403        403        403        403        403        403        403        403         ok         ok         ok         ok         ok
    DestroyDeployment             403        403        403        403        403        403        403        403        403        403         ok         ok         ok
    SetHistory                    403        403        403        403        403        403        403        403        403        403         ok         ok         ok
    CreateEnvironment             403        403        403        403        403        403        403        403         ok         ok         ok         ok         ok
    UpdateEnvironment             403        403        403        403        403        403        403        403         ok         ok         ok         ok         ok
    StopEnvironment               403        403        403        403        403        403        403        403         ok         ok         ok         ok         ok
    StopStaleEnvironments         403        403        403        403        403        403        403        403        403        403         ok         ok         ok
    DestroyEnvironment            403        403        403        403        403        403        403        403         ok         ok         ok         ok         ok
    AdminProject                  403        403        403        403        403        403        403        403        403        403         ok         ok         ok
    RenameProject                 403        403        403        403        403        403        403        403        403        403        403         ok         ok
    ManageMembers                 403        403        403        403        403        403        403        403        403        403         ok         ok         ok
    ManageAccessTokens            403        403        403        403        403        403        403        403        403        403         ok         ok         ok
    ArchiveProject                403        403        403        403        403        403        403        403        403        403        403         ok         ok
    DestroyProject                403        403        403        403        403        403        403        403        403        403        403         ok         ok
    ");
}

#[test]
fn disabled_feature_shuts_out_everybody() {
    let without_builds = Subject {
        builds_access: FeatureAccess::Disabled,
        ..subject(Visibility::Public)
    };
    insta::assert_snapshot!(table(without_builds), @"
    public                     nobody       user   external    minimal      guest    planner   reporter   security  ext. dev.  developer maintainer      owner      admin
    ReadProject                    ok         ok         ok         ok         ok         ok         ok         ok         ok         ok         ok         ok         ok
    ReadCode                       ok         ok         ok         ok         ok         ok         ok         ok         ok         ok         ok         ok         ok
    ReadDeployments               403        403        403        403        403        403        403        403        403        403        403        403        403
    CreateDeployment              403        403        403        403        403        403        403        403        403        403        403        403        403
    UpdateDeployment              403        403        403        403        403        403        403        403        403        403        403        403        403
    DestroyDeployment             403        403        403        403        403        403        403        403        403        403        403        403        403
    SetHistory                    403        403        403        403        403        403        403        403        403        403        403        403        403
    CreateEnvironment             403        403        403        403        403        403        403        403        403        403        403        403        403
    UpdateEnvironment             403        403        403        403        403        403        403        403        403        403        403        403        403
    StopEnvironment               403        403        403        403        403        403        403        403        403        403        403        403        403
    StopStaleEnvironments         403        403        403        403        403        403        403        403        403        403        403        403        403
    DestroyEnvironment            403        403        403        403        403        403        403        403        403        403        403        403        403
    AdminProject                  403        403        403        403        403        403        403        403        403        403         ok         ok         ok
    RenameProject                 403        403        403        403        403        403        403        403        403        403        403         ok         ok
    ManageMembers                 403        403        403        403        403        403        403        403        403        403         ok         ok         ok
    ManageAccessTokens            403        403        403        403        403        403        403        403        403        403         ok         ok         ok
    ArchiveProject                403        403        403        403        403        403        403        403        403        403        403         ok         ok
    DestroyProject                403        403        403        403        403        403        403        403        403        403        403         ok         ok
    ");
}

#[test]
fn each_of_the_three_features_is_needed() {
    let features: [fn(&mut Subject) -> &mut FeatureAccess; 3] = [
        |subject| &mut subject.repository_access,
        |subject| &mut subject.builds_access,
        |subject| &mut subject.environments_access,
    ];
    for feature in features {
        let mut subject = subject(Visibility::Public);
        *feature(&mut subject) = FeatureAccess::Private;
        assert_eq!(
            decide(Some(&USER), &subject, Action::ReadDeployments),
            Decision::Forbidden
        );
        subject.level = Some(AccessLevel::Guest);
        assert_eq!(
            decide(Some(&USER), &subject, Action::ReadDeployments),
            Decision::Allowed
        );
        *feature(&mut subject) = FeatureAccess::Disabled;
        assert_eq!(
            decide(Some(&ADMIN), &subject, Action::ReadDeployments),
            Decision::Forbidden
        );
        assert_eq!(decide(Some(&ADMIN), &subject, Action::ReadProject), Decision::Allowed);
    }
}

#[test]
fn role_without_a_user_counts_for_nothing() {
    let subject = Subject {
        level: Some(AccessLevel::Owner),
        ..subject(Visibility::Private)
    };
    assert_eq!(decide(None, &subject, Action::ReadProject), Decision::NotFound);
}

#[test]
fn projects_are_made_in_ones_own_namespace_and_by_developers_in_groups() {
    let namespace = |kind, owner_id| Namespace {
        id: NamespaceId(1),
        kind,
        name: "A".to_owned(),
        full_name: "A".to_owned(),
        path: "a".to_owned(),
        full_path: "a".to_owned(),
        parent_id: None,
        owner_id,
    };
    let own = namespace(NamespaceKind::User, Some(USER.user_id));
    let others = namespace(NamespaceKind::User, Some(UserId(8)));
    let group = namespace(NamespaceKind::Group, None);
    let table = [
        (USER, &own, None, Decision::Allowed),
        (EXTERNAL, &own, None, Decision::Forbidden),
        (USER, &others, None, Decision::NotFound),
        (ADMIN, &others, None, Decision::Allowed),
        (USER, &group, None, Decision::NotFound),
        (USER, &group, Some(AccessLevel::Reporter), Decision::Forbidden),
        (USER, &group, Some(AccessLevel::Developer), Decision::Allowed),
        (EXTERNAL, &group, Some(AccessLevel::Owner), Decision::Forbidden),
        (ADMIN, &group, None, Decision::Allowed),
    ];
    for (actor, namespace, level, expected) in table {
        assert_eq!(
            decide_create_project(&actor, namespace, level),
            expected,
            "{actor:?} {namespace:?} {level:?}"
        );
    }
}

#[test]
fn levels_are_read_by_number_and_name() {
    let table = [
        (AccessLevel::Minimal, 5, "minimal access"),
        (AccessLevel::Guest, 10, "guest"),
        (AccessLevel::Planner, 15, "Planner"),
        (AccessLevel::Reporter, 20, "reporter"),
        (AccessLevel::SecurityManager, 25, "security_manager"),
        (AccessLevel::Developer, 30, "developer"),
        (AccessLevel::Maintainer, 40, "MAINTAINER"),
        (AccessLevel::Owner, 50, "owner"),
    ];
    for (level, number, name) in table {
        assert_eq!(level.number(), number);
        assert_eq!(AccessLevel::from_number(number), Some(level));
        assert_eq!(AccessLevel::parse(&number.to_string()), Some(level));
        assert_eq!(AccessLevel::parse(name), Some(level), "{name}");
        assert_eq!(AccessLevel::parse(level.as_str()), Some(level));
    }
    assert_eq!(AccessLevel::parse("31"), None);
    assert_eq!(AccessLevel::parse("boss"), None);
    assert_eq!(AccessLevel::parse(""), None);
}
