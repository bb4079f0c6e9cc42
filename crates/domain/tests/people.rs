//! Groups, memberships, accounts and the ends of tokens.

use std::fmt::Write as _;

use jiff::civil::date;
use landfall_domain::{
    access::{AccessLevel, Actor, Decision},
    group::{GroupAction, GroupRef, GroupSubject, decide_group},
    ids::{NamespaceId, ProjectId, UserId},
    member::{Levels, Source, may_change},
    project::{PathError, Visibility, check_group_path, marked_for_deletion, without_deletion_mark},
    token::{ExpiryError, expiry},
    user::{Profile, ProfileField, StateChange, UserState},
};

const USER: Actor = Actor {
    user_id: UserId(7),
    admin: false,
    external: false,
};

#[test]
fn who_may_do_what_with_a_group() {
    let external = Actor { external: true, ..USER };
    let admin = Actor { admin: true, ..USER };
    let callers = [
        ("nobody", None, None, false),
        ("stranger", Some(USER), None, false),
        ("external", Some(external), None, false),
        ("member below", Some(USER), None, true),
        ("minimal", Some(USER), Some(AccessLevel::Minimal), false),
        ("developer", Some(USER), Some(AccessLevel::Developer), false),
        ("maintainer", Some(USER), Some(AccessLevel::Maintainer), false),
        ("ext. owner", Some(external), Some(AccessLevel::Owner), false),
        ("owner", Some(USER), Some(AccessLevel::Owner), false),
        ("admin", Some(admin), None, false),
    ];
    let mut table = String::new();
    for visibility in Visibility::ALL {
        for (name, actor, level, is_member_below) in callers {
            write!(table, "{visibility:<8} {name:<12}").unwrap();
            for action in GroupAction::ALL {
                let subject = GroupSubject {
                    visibility: *visibility,
                    level,
                    is_member_below,
                };
                let cell = match decide_group(actor.as_ref(), &subject, *action) {
                    Decision::Allowed => "ok",
                    Decision::Forbidden => "403",
                    Decision::NotFound => "404",
                };
                write!(table, " {action:?} {cell}").unwrap();
            }
            table.push('\n');
        }
    }
    insta::assert_snapshot!(table, @"
    private  nobody       Read 404 CreateSubgroup 404 Admin 404 ManageMembers 404 ManageAccessTokens 404 Destroy 404
    private  stranger     Read 404 CreateSubgroup 404 Admin 404 ManageMembers 404 ManageAccessTokens 404 Destroy 404
    private  external     Read 404 CreateSubgroup 404 Admin 404 ManageMembers 404 ManageAccessTokens 404 Destroy 404
    private  member below Read ok CreateSubgroup 403 Admin 403 ManageMembers 403 ManageAccessTokens 403 Destroy 403
    private  minimal      Read ok CreateSubgroup 403 Admin 403 ManageMembers 403 ManageAccessTokens 403 Destroy 403
    private  developer    Read ok CreateSubgroup 403 Admin 403 ManageMembers 403 ManageAccessTokens 403 Destroy 403
    private  maintainer   Read ok CreateSubgroup ok Admin 403 ManageMembers 403 ManageAccessTokens 403 Destroy 403
    private  ext. owner   Read ok CreateSubgroup 403 Admin ok ManageMembers ok ManageAccessTokens ok Destroy ok
    private  owner        Read ok CreateSubgroup ok Admin ok ManageMembers ok ManageAccessTokens ok Destroy ok
    private  admin        Read ok CreateSubgroup ok Admin ok ManageMembers ok ManageAccessTokens ok Destroy ok
    internal nobody       Read 404 CreateSubgroup 404 Admin 404 ManageMembers 404 ManageAccessTokens 404 Destroy 404
    internal stranger     Read ok CreateSubgroup 403 Admin 403 ManageMembers 403 ManageAccessTokens 403 Destroy 403
    internal external     Read 404 CreateSubgroup 404 Admin 404 ManageMembers 404 ManageAccessTokens 404 Destroy 404
    internal member below Read ok CreateSubgroup 403 Admin 403 ManageMembers 403 ManageAccessTokens 403 Destroy 403
    internal minimal      Read ok CreateSubgroup 403 Admin 403 ManageMembers 403 ManageAccessTokens 403 Destroy 403
    internal developer    Read ok CreateSubgroup 403 Admin 403 ManageMembers 403 ManageAccessTokens 403 Destroy 403
    internal maintainer   Read ok CreateSubgroup ok Admin 403 ManageMembers 403 ManageAccessTokens 403 Destroy 403
    internal ext. owner   Read ok CreateSubgroup 403 Admin ok ManageMembers ok ManageAccessTokens ok Destroy ok
    internal owner        Read ok CreateSubgroup ok Admin ok ManageMembers ok ManageAccessTokens ok Destroy ok
    internal admin        Read ok CreateSubgroup ok Admin ok ManageMembers ok ManageAccessTokens ok Destroy ok
    public   nobody       Read ok CreateSubgroup 403 Admin 403 ManageMembers 403 ManageAccessTokens 403 Destroy 403
    public   stranger     Read ok CreateSubgroup 403 Admin 403 ManageMembers 403 ManageAccessTokens 403 Destroy 403
    public   external     Read ok CreateSubgroup 403 Admin 403 ManageMembers 403 ManageAccessTokens 403 Destroy 403
    public   member below Read ok CreateSubgroup 403 Admin 403 ManageMembers 403 ManageAccessTokens 403 Destroy 403
    public   minimal      Read ok CreateSubgroup 403 Admin 403 ManageMembers 403 ManageAccessTokens 403 Destroy 403
    public   developer    Read ok CreateSubgroup 403 Admin 403 ManageMembers 403 ManageAccessTokens 403 Destroy 403
    public   maintainer   Read ok CreateSubgroup ok Admin 403 ManageMembers 403 ManageAccessTokens 403 Destroy 403
    public   ext. owner   Read ok CreateSubgroup 403 Admin ok ManageMembers ok ManageAccessTokens ok Destroy ok
    public   owner        Read ok CreateSubgroup ok Admin ok ManageMembers ok ManageAccessTokens ok Destroy ok
    public   admin        Read ok CreateSubgroup ok Admin ok ManageMembers ok ManageAccessTokens ok Destroy ok
    ");
}

#[test]
fn nobody_gives_or_takes_a_role_above_the_own_one() {
    let (developer, maintainer, owner) = (AccessLevel::Developer, AccessLevel::Maintainer, AccessLevel::Owner);
    assert!(may_change(Some(maintainer), None, Some(maintainer)));
    assert!(may_change(Some(maintainer), Some(maintainer), Some(developer)));
    assert!(!may_change(Some(maintainer), None, Some(owner)));
    assert!(!may_change(Some(maintainer), Some(owner), Some(developer)));
    assert!(!may_change(Some(maintainer), Some(owner), None));
    assert!(may_change(Some(owner), Some(owner), None));
    assert!(may_change(None, Some(owner), Some(owner)), "administrators give all");
}

#[test]
fn the_highest_level_counts() {
    let levels = |project, group| Levels { project, group }.highest();
    assert_eq!(levels(None, None), None);
    assert_eq!(levels(Some(AccessLevel::Guest), None), Some(AccessLevel::Guest));
    assert_eq!(
        levels(Some(AccessLevel::Guest), Some(AccessLevel::Owner)),
        Some(AccessLevel::Owner)
    );
    assert!(Source::Group(NamespaceId(1)).takes(AccessLevel::Minimal));
    assert!(!Source::Project(ProjectId(1)).takes(AccessLevel::Minimal));
}

#[test]
fn groups_are_named_by_number_or_path() {
    for (text, expected) in [
        ("12", GroupRef::Id(12)),
        ("-1", GroupRef::Id(-1)),
        ("team", GroupRef::Path("team".to_owned())),
        ("team/web", GroupRef::Path("team/web".to_owned())),
        ("12a", GroupRef::Path("12a".to_owned())),
        ("99999999999999999999", GroupRef::Nothing),
        ("", GroupRef::Nothing),
    ] {
        assert_eq!(GroupRef::parse(text), expected, "{text}");
    }
    assert_eq!(check_group_path("a/b-c/d.e"), Ok(()));
    assert_eq!(check_group_path("a//b"), Err(PathError::EmptySegment));
    assert_eq!(check_group_path("-a"), Err(PathError::Segment("-a".to_owned())));
    assert_eq!(check_group_path(&["a"; 20].join("/")), Ok(()));
    assert_eq!(check_group_path(&["a"; 21].join("/")), Err(PathError::TooDeep));
}

#[test]
fn a_mark_can_be_taken_off_again() {
    let marked = marked_for_deletion("app", 7);
    assert_eq!(marked, "app-deletion_scheduled-7");
    assert_eq!(without_deletion_mark(&marked, 7), "app");
    assert_eq!(without_deletion_mark(&marked, 8), marked);
}

#[test]
fn accounts_change_their_state() {
    let mut table = String::new();
    for change in StateChange::ALL {
        for state in UserState::ALL {
            writeln!(table, "{change} {state}: {:?}", state.after(*change)).unwrap();
        }
    }
    insta::assert_snapshot!(table, @r#"
    block active: Now(Blocked)
    block blocked: Already
    block deactivated: Now(Blocked)
    block banned: Refused("Banned users cannot be blocked by the API")
    unblock active: No
    unblock blocked: Now(Active)
    unblock deactivated: Refused("Deactivated users cannot be unblocked by the API")
    unblock banned: No
    deactivate active: Now(Deactivated)
    deactivate blocked: Refused("A blocked user cannot be deactivated by the API")
    deactivate deactivated: Already
    deactivate banned: Refused("A blocked user cannot be deactivated by the API")
    activate active: Now(Active)
    activate blocked: Refused("A blocked user must be unblocked to be activated")
    activate deactivated: Now(Active)
    activate banned: Refused("A blocked user must be unblocked to be activated")
    ban active: Now(Banned)
    ban blocked: Refused("You cannot ban blocked users.")
    ban deactivated: Refused("You cannot ban deactivated users.")
    ban banned: Already
    unban active: Refused("You cannot unban active users.")
    unban blocked: Refused("You cannot unban blocked users.")
    unban deactivated: Refused("You cannot unban deactivated users.")
    unban banned: Now(Active)
    "#);
}

#[test]
fn every_text_of_a_profile_is_set_and_cleared() {
    let mut profile = Profile::default();
    for field in ProfileField::ALL {
        profile.set(*field, field.as_str());
    }
    let Profile {
        bio,
        location,
        linkedin,
        twitter,
        discord,
        github,
        skype,
        website_url,
        organization,
        job_title,
        pronouns,
    } = profile.clone();
    let optional = [bio, location, pronouns].map(Option::unwrap);
    let texts = [
        linkedin,
        twitter,
        discord,
        github,
        skype,
        website_url,
        organization,
        job_title,
    ];
    assert_eq!(optional, ["bio", "location", "pronouns"]);
    assert_eq!(
        texts,
        [
            "linkedin",
            "twitter",
            "discord",
            "github",
            "skype",
            "website_url",
            "organization",
            "job_title"
        ]
    );
    for field in ProfileField::ALL {
        profile.set(*field, "");
    }
    assert_eq!(profile, Profile::default());
}

#[test]
fn a_token_is_good_for_a_year_at_most() {
    let today = date(2026, 1, 2);
    assert_eq!(expiry(None, 7, today), Ok(date(2026, 1, 9)));
    assert_eq!(expiry(Some(date(2026, 1, 3)), 7, today), Ok(date(2026, 1, 3)));
    assert_eq!(expiry(Some(today), 7, today), Err(ExpiryError::Past));
    assert_eq!(expiry(Some(date(2027, 1, 2)), 7, today), Ok(date(2027, 1, 2)));
    let late = expiry(Some(date(2027, 1, 3)), 7, today).unwrap_err();
    assert_eq!(late.to_string(), "Expiration date must be before 2027-01-03");
}
