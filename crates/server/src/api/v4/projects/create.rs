//! POST `/projects` (neighbours, 4.2). A repository elsewhere can be named by `import_url`; a directory of the server's machine
//! is for its operator to name.

use std::sync::Arc;

use http::{Method, StatusCode};
use landfall_domain::{
    access::{Decision, decide_create_project},
    ids::NamespaceId,
    project::{FeatureAccess, PathError, RepositoryPlace, Visibility},
};
use landfall_store::{Conn, Tx, members, namespaces};

use super::{Around, import_url, may_use_credentials, standing};
use crate::{
    App,
    api::{
        context::Cx,
        endpoint::{Access, Answer, Endpoint, Handler, Later, Login, Outcome, Paging},
        error::ApiError,
        params::{Param, Rule, Values},
        pipeline::json,
    },
    ops::{
        Refusal,
        create_project::{CreateProject, Features, Place, create_project},
    },
    views::project::ProjectFull,
};

/// Who may use a feature.
pub(super) const FEATURE: &[&str] = &["disabled", "private", "enabled"];

pub(crate) const ENDPOINT: Endpoint = Endpoint {
    method: Method::POST,
    path: "/projects",
    id: "createProject",
    summary: "Create a project",
    login: Login::Required,
    access: Access::Api,
    prepare: None,
    params: &[
        Param::text("name").doc("Shown name"),
        Param::text("path").doc("Last segment of the path; made from the name if missing"),
        Param::integer("namespace_id").doc("Where it is to stand: the caller's own namespace if missing"),
        Param::text("description").doc("What it is for"),
        Param::text("visibility")
            .words(&["private", "internal", "public"])
            .default("private")
            .doc("Who may see it"),
        Param::text("default_branch").doc("Branch shown as the default one"),
        Param::text("import_url").doc("Address of a git repository that the server is to keep a copy of"),
        Param::text("repository_access_level")
            .words(FEATURE)
            .default("enabled")
            .doc("Who may use the repository"),
        Param::text("builds_access_level")
            .words(FEATURE)
            .default("enabled")
            .doc("Who may use CI/CD"),
        Param::text("environments_access_level")
            .words(FEATURE)
            .default("enabled")
            .doc("Who may use environments"),
    ],
    rules: &[Rule::at_least_one(&["name", "path"])],
    paging: Paging::None,
    success: &[201],
    answer: Answer::One("Project"),
    refusals: &[],
    handler: Handler::Write(|app, cx| -> Later { Box::pin(handler(app, cx)) }),
};

async fn handler(app: Arc<App>, cx: Cx) -> Outcome {
    let (place, cx) = app
        .store
        .read(move |conn| Ok::<_, ApiError>((place(&cx, conn)?, cx)))
        .await?;
    let wanted = wanted(&cx.params, place, &cx)?;
    let (user, today) = (cx.user()?.id, cx.now.date());
    let work = move |tx: &mut Tx<'_>| {
        let project = create_project(tx, &wanted)?;
        let levels = members::levels(tx, &project, user, today)?;
        let around = Around::of(tx, &project)?;
        Ok::<_, Refusal>((project, levels, around))
    };
    let (project, levels, around) = app.store.write(work).await.map_err(taken)?;
    let standing = standing(&cx, &project, levels, around.owner.as_ref(), around.mirror.as_ref());
    json(StatusCode::CREATED, &ProjectFull::new(&project, standing, cx.urls()))
}

/// Where it is to stand, if the caller may make projects there. A namespace that is not there and one that is not for
/// the caller are told apart from nothing (GitLab's words).
fn place(cx: &Cx, conn: &mut Conn<'_>) -> Result<Place, ApiError> {
    let (user, actor) = (cx.user()?, cx.actor().ok_or_else(ApiError::unauthorized)?);
    let Some(id) = cx.params.integer("namespace_id") else {
        return if user.external || user.bot {
            Err(ApiError::forbidden())
        } else {
            Ok(Place::Own(Box::new(user.clone())))
        };
    };
    let invalid = || ApiError::field("namespace", "is not valid");
    let found = namespaces::by_id(conn, NamespaceId(id))?.ok_or_else(invalid)?;
    let level = members::group_level(conn, found.id, actor.user_id, cx.now.date())?;
    match decide_create_project(&actor, &found, level) {
        Decision::Allowed => Ok(Place::In(found.id)),
        Decision::Forbidden | Decision::NotFound => Err(invalid()),
    }
}

fn wanted(params: &Values, namespace: Place, cx: &Cx) -> Result<CreateProject, ApiError> {
    let filled = |name| params.text(name).map(str::trim).filter(|text| !text.is_empty());
    let feature = |name| {
        params
            .text(name)
            .and_then(FeatureAccess::parse)
            .unwrap_or(FeatureAccess::Enabled)
    };
    let path = match (filled("path"), filled("name")) {
        (Some(path), _) => path.to_owned(),
        (None, Some(name)) => path_of(name),
        (None, None) => return Err(ApiError::field("name", "can't be blank")),
    };
    if path.is_empty() {
        return Err(ApiError::field("path", "can't be blank"));
    }
    // One segment: with a slash in it, the project would stand in a namespace that is not there.
    if path.contains('/') {
        return Err(ApiError::field("path", PathError::Segment(path).to_string()));
    }
    Ok(CreateProject {
        namespace,
        path,
        name: filled("name").map(str::to_owned),
        description: filled("description").map(str::to_owned),
        visibility: params
            .text("visibility")
            .and_then(Visibility::parse)
            .unwrap_or(Visibility::Private),
        default_branch: filled("default_branch").map(str::to_owned),
        repository: import_url(params)?
            .filter(|url| !url.is_empty())
            .map(RepositoryPlace::Remote),
        with_credentials: may_use_credentials(cx),
        forge_url: None,
        features: Features {
            repository: feature("repository_access_level"),
            builds: feature("builds_access_level"),
            environments: feature("environments_access_level"),
        },
        creator_id: Some(cx.user()?.id),
        now: cx.now,
    })
}

/// `My Project!` becomes `my-project`.
fn path_of(name: &str) -> String {
    let mut path = String::with_capacity(name.len());
    for character in name.chars() {
        if character.is_ascii_alphanumeric() || matches!(character, '_' | '.') {
            path.push(character.to_ascii_lowercase());
        } else if !path.ends_with('-') && !path.is_empty() {
            path.push('-');
        }
    }
    path.trim_end_matches('-').to_owned()
}

/// GitLab complains of a taken path under every name that the project has.
fn taken(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::Field { field: "path", text } if text == "has already been taken" => ApiError::Fields(
            StatusCode::BAD_REQUEST,
            ["project_namespace.name", "name", "path"]
                .map(|field| (field, vec![text.clone()]))
                .to_vec(),
        ),
        other => other.into(),
    }
}
