//! Deleting projects: gone at once, and emptied in steps.

use landfall_domain::{
    access::AccessLevel,
    hook::{Scope, Sender},
    ids::{EnvironmentId, Iid, NamespaceId, OriginId, ProjectId, UserId},
    member::Source,
    origin::{DeploymentOrigin, Origin},
    webhook::Owner,
};
use landfall_store::{
    Error, Tx, deployments,
    deployments::NewDeployment,
    doctor::{self, Level},
    groups, hook_sources,
    inbox::{self, NewDelivery},
    jobs::{self, NewJob},
    merge_requests, namespaces,
    observations::{self, NewObservation},
    origins, projects, purges,
    testing::{Engine, TestDatabase, first_column},
    tokens::{self, NewToken},
    webhooks,
};

use crate::{
    both::{Both, at, environment, join, new_deployment, project, user},
    hook_sources::new_source,
    inbox::delivery,
    jobs::full_job,
    merge_requests::merge_request,
    observations::said,
    origins::gitlab,
    tokens::new_token,
    webhooks::hook,
};

const GONE: ProjectId = ProjectId(1);
const GROUP: NamespaceId = NamespaceId(1);
const ADA: UserId = UserId(1);

/// A project with deployments, a redirect, and what came from outside, and another one that has the same.
fn begun() -> Both {
    let both = Both::new();
    both.write(|tx| {
        let ada = user(tx, "ada")?;
        for path in ["group/gone", "group/stays"] {
            let made = project(tx, path)?;
            fill(tx, made.id, ada.id)?;
            let path = format!("{}-now", made.path);
            projects::update(tx, &landfall_domain::project::Project { path, ..made })?;
        }
        Ok(())
    });
    both
}

fn fill(tx: &mut Tx<'_>, project: ProjectId, user: UserId) -> Result<(), landfall_store::Error> {
    join(tx, project, user, AccessLevel::Developer, None, 1)?;
    let environment = environment(tx, project, "production")?;
    for _ in 0..5 {
        let job = NewJob {
            id: None,
            job: full_job(),
        };
        let new = NewDeployment {
            job_id: Some(jobs::insert(tx, project, &job)?),
            ..new_deployment(project, environment)
        };
        deployments::insert(tx, &new)?;
    }
    fill_from_outside(tx, project)
}

/// What hooks and imports have brought.
fn fill_from_outside(tx: &mut Tx<'_>, project: ProjectId) -> Result<(), landfall_store::Error> {
    let source = hook_sources::insert(tx, &new_source(Sender::Gitlab, Scope::Project(project)))?;
    for digest in ["a", "b", "c"] {
        let sent = NewDelivery {
            source_id: source.id,
            project_id: Some(project),
            ..delivery(Some(digest), 1)
        };
        inbox::insert(tx, &sent)?;
        let said = NewObservation {
            project_id: project,
            ..said("job 1", digest)
        };
        observations::insert(tx, &said)?;
    }
    let origin = Origin {
        project_id: project,
        ..gitlab()
    };
    let origin = DeploymentOrigin {
        origin_id: origins::insert(tx, &origin)?,
        id: 7,
        url: None,
    };
    let environment = environment(tx, project, "imported")?;
    let new = new_deployment(project, environment);
    let (id, _) = deployments::insert_imported(tx, &new, None, &origin)?;
    merge_requests::link(tx, project, id, &merge_request(1, None))?;
    merge_requests::set_linked(tx, id)
}

/// How many rows a project has in each table.
fn rows(both: &Both, project: ProjectId) -> String {
    both.read(move |conn| {
        let mut counted = Vec::new();
        for table in [
            "members",
            "redirects",
            "merge_requests",
            "environments",
            "deployments",
            "jobs",
            "pipelines",
            "runners",
            "hook_sources",
            "inbox",
            "observations",
            "origins",
        ] {
            let sql = format!(
                "SELECT CAST(count(*) AS TEXT) FROM {table} WHERE project_id = {}",
                project.0
            );
            counted.push(format!("{table} {}", first_column(conn, &sql)?.concat()));
        }
        Ok(counted.join(", "))
    })
}

#[test]
fn a_deleted_project_is_gone_at_once_and_emptied_in_steps() {
    let both = begun();
    let full = "members 1, redirects 1, merge_requests 1, environments 2, deployments 6, jobs 5, pipelines 5, runners 5, hook_sources 1, \
                inbox 3, observations 3, origins 1";
    assert_eq!(rows(&both, GONE), full);
    assert_eq!(both.read(purges::next), None);

    both.write(|tx| projects::delete(tx, GONE, at(9)));
    assert_eq!(both.read(|conn| projects::by_id(conn, GONE)), None);
    assert_eq!(both.read(|conn| projects::by_path(conn, "group/gone-now")), None);
    assert_eq!(both.read(|conn| projects::by_redirect(conn, "group/gone")), None);
    let again = both.write(|tx| project(tx, "group/gone-now"));
    assert_eq!(again.id, ProjectId(3), "the path is free");
    let may_send = |project| both.read(move |conn| Ok(hook_sources::of_project(conn, project)?.len()));
    assert_eq!([may_send(GONE), may_send(ProjectId(2))], [0, 1]);

    assert_eq!(both.read(purges::next), Some(GONE));
    let step = || both.write(|tx| purges::step(tx, GONE, 2));
    assert!(!step());
    assert!(
        rows(&both, GONE).contains("deployments 4, jobs 3"),
        "no more than two at once"
    );
    let mut steps = 1;
    while !step() {
        steps += 1;
    }
    assert_eq!(
        steps, 10,
        "three for the deployments, two each for deliveries and observations, one each for the rest"
    );
    assert_eq!(both.read(purges::next), None);
    let empty = "members 0, redirects 0, merge_requests 0, environments 0, deployments 0, jobs 0, pipelines 0, runners 0, hook_sources 1, \
                 inbox 0, observations 0, origins 0";
    assert_eq!(rows(&both, GONE), empty);
    assert_eq!(rows(&both, ProjectId(2)), full, "others are not touched");
    both.read(|conn| {
        for finding in doctor::check(conn)? {
            let is_about_rows = matches!(finding.name, "counters" | "environments" | "jobs");
            assert!(!is_about_rows || finding.level == Level::Ok, "{finding:?}");
        }
        Ok(())
    });
}

type Write = fn(&mut Tx<'_>) -> Result<(), Error>;

/// What is written for somebody who has looked the project or the group up before it was deleted.
const LATE: [(&str, Write); 13] = [
    ("project", |tx| {
        deployments::insert(tx, &new_deployment(GONE, EnvironmentId(1))).map(drop)
    }),
    ("project", |tx| imported(tx, None)),
    ("project", |tx| imported(tx, Some(Iid(900)))),
    ("project", |tx| environment(tx, GONE, "new").map(drop)),
    ("project", |tx| join(tx, GONE, ADA, AccessLevel::Guest, None, 1)),
    ("project", |tx| bots_token(tx, GONE.into())),
    ("project", |tx| {
        hook_sources::insert(tx, &new_source(Sender::Gitlab, Scope::Project(GONE))).map(drop)
    }),
    ("project", |tx| {
        webhooks::insert(tx, &hook(Owner::Project(GONE))).map(drop)
    }),
    ("project", |tx| {
        let said = NewObservation {
            project_id: GONE,
            ..said("job 1", "d")
        };
        observations::insert(tx, &said).map(drop)
    }),
    ("project", |tx| {
        let origin = Origin {
            project_id: GONE,
            external_project_id: 78,
            ..gitlab()
        };
        origins::insert(tx, &origin).map(drop)
    }),
    ("group", |tx| join(tx, GROUP, ADA, AccessLevel::Guest, None, 1)),
    ("group", |tx| bots_token(tx, GROUP.into())),
    ("group", |tx| webhooks::insert(tx, &hook(Owner::Group(GROUP))).map(drop)),
];

fn imported(tx: &mut Tx<'_>, iid: Option<Iid>) -> Result<(), Error> {
    let origin = DeploymentOrigin {
        origin_id: OriginId(1),
        id: 8,
        url: None,
    };
    deployments::insert_imported(tx, &new_deployment(GONE, EnvironmentId(1)), iid, &origin).map(drop)
}

fn bots_token(tx: &mut Tx<'_>, source: Source) -> Result<(), Error> {
    let new = NewToken {
        source: Some(source),
        ..new_token("bot")
    };
    tokens::insert(tx, &new).map(drop)
}

#[test]
fn nothing_is_recorded_in_what_was_deleted() {
    let both = begun();
    both.write(|tx| {
        assert_eq!(namespaces::by_path(tx, "group")?.map(|group| group.id), Some(GROUP));
        projects::delete(tx, GONE, at(9))?;
        groups::delete(tx, GROUP, at(9))
    });
    for (number, (what, write)) in LATE.into_iter().enumerate() {
        assert_eq!(
            both.try_write(write),
            Err(format!("the {what} was deleted")),
            "{number}"
        );
    }
}

#[test]
fn projects_are_found_by_the_time_that_they_were_marked() {
    let both = begun();
    both.write(|tx| {
        for (id, marked) in [(1, 20), (2, 10)] {
            let mut project = projects::by_id(tx, ProjectId(id))?.unwrap();
            project.marked_for_deletion_at = Some(at(marked));
            projects::update(tx, &project)?;
        }
        Ok(())
    });
    let marked = |before| both.read(move |conn| Ok(projects::marked(conn, at(before))?.map(|found| found.id.0)));
    assert_eq!([marked(9), marked(10), marked(30)], [None, Some(2), Some(2)]);
    both.write(|tx| projects::delete(tx, ProjectId(2), at(30)));
    assert_eq!([marked(19), marked(20)], [None, Some(1)]);
}

/// A new table that refers to projects has to say here what becomes of its rows.
#[tokio::test]
async fn every_table_that_refers_to_projects_is_thought_of() {
    let database = TestDatabase::new(Engine::Sqlite);
    let referring = database
        .open()
        .read(|conn| {
            let sql = "SELECT DISTINCT t.name FROM sqlite_schema t, pragma_foreign_key_list(t.name) r \
                       WHERE r.\"table\" = 'projects' ORDER BY 1";
            first_column(conn, sql)
        })
        .await
        .unwrap();
    let emptied_at_once = [
        "deployment_counters",
        "members",
        "mirrors",
        "purges",
        "redirects",
        "webhooks",
    ];
    let emptied_in_steps = [
        "deployments",
        "environments",
        "jobs",
        "merge_requests",
        "observations",
        "origins",
        "pipelines",
        "runners",
    ];
    // Revoked tokens and deleted sources of hooks, without their secrets, are what an audit reads.
    let kept = ["hook_sources", "tokens"];
    let mut thought_of = [&emptied_at_once[..], &emptied_in_steps[..], &kept[..]].concat();
    thought_of.sort_unstable();
    assert_eq!(referring, thought_of);
}
