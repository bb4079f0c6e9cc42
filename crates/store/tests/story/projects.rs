//! Projects and the old paths that lead to them.

use landfall_domain::{
    ids::{ProjectId, UserId},
    project::{FeatureAccess, Project, Visibility},
};
use landfall_store::{
    Tx, namespaces,
    projects::{self, NewProject},
};

use crate::both::{Both, at, project, user};

#[test]
fn a_project_is_made_and_found() {
    let both = Both::new();
    let insert = |tx: &mut Tx<'_>| {
        let ada = user(tx, "ada")?;
        let new = NewProject {
            namespace: namespaces::ensure_path(tx, "Group/sub", at(1))?,
            creator_id: Some(ada.id),
            name: "The App".to_owned(),
            path: "App".to_owned(),
            description: Some("it deploys".to_owned()),
            visibility: Visibility::Internal,
            default_branch: Some("trunk".to_owned()),
            repository: Some("/srv/app.git".to_owned().into()),
            forge_url: Some("https://forge.example/app".to_owned()),
            repository_access: FeatureAccess::Private,
            builds_access: FeatureAccess::Disabled,
            environments_access: FeatureAccess::Enabled,
            created_at: at(5),
        };
        projects::insert(tx, &new)
    };
    let made = both.write(insert);
    let namespace = both.read(|conn| namespaces::by_path(conn, "group/sub")).unwrap();
    let expected = Project {
        id: ProjectId(1),
        namespace,
        creator_id: Some(UserId(1)),
        name: "The App".to_owned(),
        path: "App".to_owned(),
        description: Some("it deploys".to_owned()),
        visibility: Visibility::Internal,
        default_branch: Some("trunk".to_owned()),
        repository: Some("/srv/app.git".to_owned().into()),
        forge_url: Some("https://forge.example/app".to_owned()),
        archived: false,
        repository_access: FeatureAccess::Private,
        builds_access: FeatureAccess::Disabled,
        environments_access: FeatureAccess::Enabled,
        created_at: at(5),
        updated_at: at(5),
        marked_for_deletion_at: None,
    };
    assert_eq!(made, expected);
    let found = Some(expected);
    assert_eq!(both.read(|conn| projects::by_id(conn, ProjectId(1))), found);
    assert_eq!(both.read(|conn| projects::by_id(conn, ProjectId(2))), None);
    assert_eq!(both.read(|conn| projects::by_path(conn, "GROUP/sub/app")), found);
    assert_eq!(both.read(|conn| projects::by_path(conn, "group/sub")), None);
    assert_eq!(both.read(|conn| projects::by_repository(conn, "/srv/app.git")), found);
    assert_eq!(both.read(|conn| projects::by_repository(conn, "/srv/APP.git")), None);
    assert_eq!(both.read(|conn| projects::by_redirect(conn, "group/sub/app")), None);
}

#[test]
fn a_path_is_a_projects_or_a_groups() {
    let both = Both::new();
    both.write(|tx| project(tx, "group/app").map(drop));
    both.write(|tx| namespaces::ensure_path(tx, "group/sub", at(1)).map(drop));
    let taken = Err("the constraint projects_full_path is violated".to_owned());
    assert_eq!(both.try_write(|tx| project(tx, "group/APP")), taken);
    assert_eq!(both.try_write(|tx| project(tx, "group/SUB")), taken);
    both.write(|tx| project(tx, "other/app").map(drop));
    let moved = both.try_write(|tx| {
        let other = projects::by_path(tx, "other/app")?.unwrap();
        let namespace = namespaces::by_path(tx, "group")?.unwrap();
        projects::update(tx, &Project { namespace, ..other })
    });
    assert_eq!(moved, Err("the constraint projects_full_path is violated".to_owned()));
}

#[test]
fn a_default_branch_is_given_once() {
    let both = Both::new();
    both.write(|tx| project(tx, "group/app").map(drop));
    for branch in ["trunk", "main"] {
        both.write(move |tx| projects::set_default_branch(tx, ProjectId(1), branch));
        let found = both.read(|conn| projects::by_id(conn, ProjectId(1))).unwrap();
        assert_eq!(found.default_branch.as_deref(), Some("trunk"));
    }
}

#[test]
fn a_change_writes_everything_and_leaves_a_redirect() {
    let both = Both::new();
    both.write(|tx| project(tx, "group/app").map(drop));
    let changed = both.write(|tx| {
        let before = projects::by_id(tx, ProjectId(1))?.unwrap();
        let after = Project {
            namespace: namespaces::ensure_path(tx, "elsewhere", at(2))?,
            name: "New".to_owned(),
            path: "new".to_owned(),
            description: Some("moved".to_owned()),
            visibility: Visibility::Public,
            default_branch: Some("dev".to_owned()),
            repository: Some("/srv/new.git".to_owned().into()),
            forge_url: Some("https://forge.example/app".to_owned()),
            archived: true,
            repository_access: FeatureAccess::Disabled,
            builds_access: FeatureAccess::Private,
            environments_access: FeatureAccess::Private,
            updated_at: at(9),
            marked_for_deletion_at: Some(at(8)),
            ..before
        };
        projects::update(tx, &after)?;
        Ok(after)
    });
    let found = Some(changed.clone());
    assert_eq!(both.read(|conn| projects::by_id(conn, ProjectId(1))), found);
    assert_eq!(both.read(|conn| projects::by_path(conn, "elsewhere/new")), found);
    assert_eq!(both.read(|conn| projects::by_path(conn, "group/app")), None);
    assert_eq!(both.read(|conn| projects::by_redirect(conn, "Group/App")), found);

    // Only the letter case changes: the old path needs no redirect.
    both.write(move |tx| {
        let path = "NEW".to_owned();
        projects::update(
            tx,
            &Project {
                path,
                ..changed.clone()
            },
        )
    });
    assert_eq!(both.read(|conn| projects::by_redirect(conn, "elsewhere/new")), None);

    // A new project takes the old path over.
    both.write(|tx| project(tx, "GROUP/app").map(drop));
    assert_eq!(both.read(|conn| projects::by_redirect(conn, "group/app")), None);

    // There and back again: a project does not redirect to itself.
    both.write(|tx| {
        let first = projects::by_id(tx, ProjectId(1))?.unwrap();
        for path in ["away", "NEW", "away", "new"] {
            let path = path.to_owned();
            projects::update(tx, &Project { path, ..first.clone() })?;
        }
        Ok(())
    });
    let redirect = |path: &'static str| {
        both.read(move |conn| Ok(projects::by_redirect(conn, path)?.map(|project| project.full_path())))
    };
    assert_eq!(redirect("elsewhere/new"), None);
    assert_eq!(redirect("elsewhere/away"), Some("elsewhere/new".to_owned()));
}
