//! What records say of themselves: users' pictures, projects' names, and the texts of enums.

use landfall_domain::{
    deployment::Source,
    event::Kind,
    ids::{NamespaceId, ProjectId, UserId},
    project::{FeatureAccess, Namespace, NamespaceKind, Project, Visibility},
    time::Timestamp,
    user::{Profile, User, UserState},
};

fn user(email: &str, avatar_url: Option<&str>) -> User {
    User {
        id: UserId(1),
        username: "root".to_owned(),
        name: "Administrator".to_owned(),
        email: email.to_owned(),
        public_email: String::new(),
        state: UserState::Active,
        admin: true,
        external: false,
        bot: false,
        avatar_url: avatar_url.map(str::to_owned),
        profile: Profile::default(),
        created_at: Timestamp(0),
    }
}

#[test]
fn gravatar_is_of_the_trimmed_lower_case_address() {
    let url = "https://www.gravatar.com/avatar/973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b\
               ?s=80&d=identicon";
    assert_eq!(user("test@example.com", None).gravatar_url(), url);
    assert_eq!(
        user(" Test@Example.COM\n", None).shown_avatar_url().as_deref(),
        Some(url)
    );
}

#[test]
fn own_picture_comes_first_and_nobody_gets_the_gravatar_of_nothing() {
    let own = "https://example.com/me.png";
    assert_eq!(
        user("test@example.com", Some(own)).shown_avatar_url().as_deref(),
        Some(own)
    );
    assert_eq!(user("", Some(own)).shown_avatar_url().as_deref(), Some(own));
    assert_eq!(user(" ", None).shown_avatar_url(), None);
}

#[test]
fn projects_are_named_with_their_groups() {
    let project = Project {
        id: ProjectId(1),
        namespace: Namespace {
            id: NamespaceId(2),
            kind: NamespaceKind::Group,
            name: "Tools".to_owned(),
            full_name: "Acme / Tools".to_owned(),
            path: "tools".to_owned(),
            full_path: "acme/tools".to_owned(),
            parent_id: Some(NamespaceId(1)),
            owner_id: None,
        },
        creator_id: None,
        name: "My App".to_owned(),
        path: "my-app".to_owned(),
        description: None,
        visibility: Visibility::Private,
        default_branch: None,
        repository: None,
        forge_url: None,
        archived: false,
        repository_access: FeatureAccess::Enabled,
        builds_access: FeatureAccess::Enabled,
        environments_access: FeatureAccess::Enabled,
        created_at: Timestamp(0),
        updated_at: Timestamp(0),
        marked_for_deletion_at: None,
    };
    assert_eq!(project.full_path(), "acme/tools/my-app");
    assert_eq!(project.name_with_namespace(), "Acme / Tools / My App");
}

/// The texts of every value, each of which must read back.
macro_rules! texts {
    ($type:ty) => {{
        for value in <$type>::ALL {
            assert_eq!(<$type>::parse(value.as_str()), Some(*value));
            assert_eq!(value.to_string(), value.as_str());
        }
        assert_eq!(<$type>::parse("nothing of the kind"), None);
        <$type>::ALL
            .iter()
            .map(|value| value.as_str())
            .collect::<Vec<_>>()
            .join(" ")
    }};
}

#[test]
fn texts_read_back() {
    assert_eq!(texts!(Visibility), "private internal public");
    assert_eq!(texts!(FeatureAccess), "disabled private enabled");
    assert_eq!(texts!(NamespaceKind), "user group");
    assert_eq!(texts!(UserState), "active blocked deactivated banned");
    assert_eq!(texts!(Source), "api cli import hook");
    assert_eq!(
        texts!(Kind),
        "deployment_created deployment_updated deployment_reported deployment_deleted environment_created \
         environment_updated environment_started environment_stopped environment_deleted project_created \
         project_updated project_marked project_deleted group_created group_updated group_marked group_deleted \
         user_created user_updated member_changed token_created token_revoked hook_source_created \
         hook_source_rotated hook_source_deleted"
    );
}

#[test]
fn visibility_levels_are_gitlabs() {
    assert_eq!(
        Visibility::ALL
            .iter()
            .map(|visibility| visibility.level())
            .collect::<Vec<_>>(),
        [0, 10, 20]
    );
}
