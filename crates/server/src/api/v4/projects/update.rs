//! PUT `/projects/:id` (neighbours, 4.2). Unknown settings are passed over, as everywhere; a directory of the server's
//! machine is not among the known ones, for the reason that [`super::create`] gives.

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::{
    access::Action,
    project::{FeatureAccess, Project, Visibility},
};
use landfall_store::Tx;

use super::{Around, ID, create::FEATURE, import_url, may_use_credentials, standing};
use crate::{
    App,
    api::{
        context::{Cx, InProject},
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        params::Param,
        pipeline::json,
        v4::groups::{VISIBILITIES, segment},
    },
    ops::{
        Refusal,
        update_project::{UpdateProject, update_project},
    },
    views::project::ProjectFull,
};

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::PUT,
    path: "/projects/{id}",
    id: "updateProject",
    summary: "Change a project's settings or its path",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[
        ID,
        Param::text("name").doc("Shown name; for owners"),
        Param::text("path").doc("Last segment of the path; the old path leads to the new one"),
        Param::text("description").doc("What it is for"),
        Param::text("visibility")
            .words(VISIBILITIES)
            .doc("Who may see it; for owners"),
        Param::text("default_branch").doc("Branch shown as the default one"),
        Param::text("import_url")
            .doc("Address of a git repository that the server is to keep a copy of; empty for none"),
        Param::text("repository_access_level")
            .words(FEATURE)
            .doc("Who may use the repository"),
        Param::text("builds_access_level")
            .words(FEATURE)
            .doc("Who may use CI/CD"),
        Param::text("environments_access_level")
            .words(FEATURE)
            .doc("Who may use environments"),
    ],
    rules: &[],
    paging: Paging::None,
    success: &[200],
    answer: Answer::One("Project"),
    refusals: &[],
    handler: Handler::WriteProject(|app, cx, found| -> Later { Box::pin(handler(app, cx, found)) }),
};

pub(crate) const ARCHIVE: Endpoint = Endpoint {
    method: Method::POST,
    path: "/projects/{id}/archive",
    id: "archiveProject",
    summary: "Make a project read only",
    params: &[ID],
    success: &[201],
    handler: Handler::WriteProject(|app, cx, found| -> Later { Box::pin(archive(app, cx, found, true)) }),
    ..ENDPOINT
};

pub(crate) const UNARCHIVE: Endpoint = Endpoint {
    path: "/projects/{id}/unarchive",
    id: "unarchiveProject",
    summary: "Let a project be written to again",
    handler: Handler::WriteProject(|app, cx, found| -> Later { Box::pin(archive(app, cx, found, false)) }),
    ..ARCHIVE
};

async fn handler(app: Arc<App>, cx: Cx, found: InProject) -> Outcome {
    found.authorize(&cx, Action::AdminProject)?;
    let params = &cx.params;
    if params.given("name") || params.given("visibility") {
        found.authorize(&cx, Action::RenameProject)?;
    }
    let feature = |name| params.text(name).and_then(FeatureAccess::parse);
    let cleared = |name| {
        params
            .given(name)
            .then(|| params.text(name).unwrap_or_default().trim().to_owned())
    };
    let wanted = UpdateProject {
        name: params.text("name").map(|name| name.trim().to_owned()),
        path: segment(params, "path")?,
        visibility: params.text("visibility").and_then(Visibility::parse),
        description: cleared("description"),
        default_branch: cleared("default_branch"),
        repository: import_url(params)?,
        repository_access: feature("repository_access_level"),
        builds_access: feature("builds_access_level"),
        environments_access: feature("environments_access_level"),
        ..unchanged(&cx, &found)?
    };
    change(&app, cx, found, StatusCode::OK, move |tx| update_project(tx, &wanted)).await
}

async fn archive(app: Arc<App>, cx: Cx, found: InProject, archived: bool) -> Outcome {
    found.authorize(&cx, Action::ArchiveProject)?;
    let wanted = UpdateProject {
        archived: Some(archived),
        ..unchanged(&cx, &found)?
    };
    change(&app, cx, found, StatusCode::CREATED, move |tx| {
        update_project(tx, &wanted)
    })
    .await
}

fn unchanged(cx: &Cx, found: &InProject) -> Result<UpdateProject, crate::api::error::ApiError> {
    Ok(UpdateProject {
        id: found.project.id,
        name: None,
        path: None,
        visibility: None,
        description: None,
        default_branch: None,
        repository: None,
        with_credentials: may_use_credentials(cx),
        forge_url: None,
        archived: None,
        repository_access: None,
        builds_access: None,
        environments_access: None,
        by: Some(cx.user()?.id),
        now: cx.now,
    })
}

/// Changes the project, and shows it as it is after that.
pub(super) async fn change(
    app: &App,
    cx: Cx,
    found: InProject,
    status: StatusCode,
    mut work: impl FnMut(&mut Tx<'_>) -> Result<Project, Refusal> + Send + 'static,
) -> Outcome {
    let (project, around) = app
        .store
        .write(move |tx| {
            let project = work(tx)?;
            let around = Around::of(tx, &project)?;
            Ok::<_, Refusal>((project, around))
        })
        .await?;
    let standing = standing(
        &cx,
        &project,
        found.levels,
        around.owner.as_ref(),
        around.mirror.as_ref(),
    );
    json(status, &ProjectFull::new(&project, standing, cx.urls()))
}
