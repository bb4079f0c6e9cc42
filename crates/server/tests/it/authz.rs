//! Who may do what: every endpoint of the table, called by everybody, in projects of every kind.
//!
//! The requests are made from the endpoint table, so an endpoint that is added fails here until it says what a request
//! to it looks like. What comes back is shown as a whole, and checked against reference section 13 besides, because a
//! snapshot can be accepted without a thought.

mod callers;
mod expected;
mod places;

use std::{collections::BTreeMap, fmt::Write as _};

use landfall_server::api::{endpoint::Endpoint, v4};

use crate::support::{Answer, TestServer, each_engine};

use self::{
    callers::{CALLERS, Caller},
    places::{PLACES, Place, World},
};

/// What a request to an endpoint looks like.
#[derive(Clone, Copy)]
enum Sample {
    /// Always the same.
    Fixed { target: &'static str, form: &'static str },
    /// To a project; the second time with a record that is there, the first time with one that is not.
    InProject { tail: &'static str, of: Target },
}

/// What a request in a project is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    /// The project, or everything in it.
    Whole,
    /// A new deployment.
    New,
    /// A deployment that goes on: it is reported as failed, and the next time as a success.
    Running,
    /// A deployment that can be deleted.
    Failed,
    /// A webhook that stays.
    Hook,
    /// A webhook that can be deleted.
    SpareHook,
    /// A new source of hooks.
    Source,
    /// Something that is not there.
    Missing,
    /// A new environment.
    NewEnvironment,
    /// An environment.
    Environment,
    /// An environment that can be deleted.
    Stopped,
}

impl Target {
    /// What one of them is called, where it is one that is there.
    fn record(self) -> Option<&'static str> {
        match self {
            Target::Running | Target::Failed => Some("deployment"),
            Target::Environment | Target::Stopped => Some("environment"),
            Target::Hook | Target::SpareHook => Some("webhook"),
            Target::Whole | Target::New | Target::NewEnvironment | Target::Source | Target::Missing => None,
        }
    }
}

/// The form of a webhook that is told of nothing.
const NEW_HOOK: &str = "url=https://receiver.example&deployment_events=false";

/// The request of each endpoint.
fn sample(endpoint: &Endpoint) -> Sample {
    let in_project = |tail, of| Sample::InProject { tail, of };
    match endpoint.id {
        "listDeployments" => in_project("/deployments", Target::Whole),
        "listDeploymentEvents" => in_project("/deployments/{deployment_id}/events", Target::Running),
        "getDeployment" | "updateDeployment" => in_project("/deployments/{deployment_id}", Target::Running),
        "createDeployment" => in_project("/deployments", Target::New),
        "deleteDeployment" => in_project("/deployments/{deployment_id}", Target::Failed),
        "listEnvironments" => in_project("/environments", Target::Whole),
        "getEnvironment" | "updateEnvironment" => in_project("/environments/{environment_id}", Target::Environment),
        "stopEnvironment" => in_project("/environments/{environment_id}/stop", Target::Environment),
        "createEnvironment" => in_project("/environments", Target::NewEnvironment),
        "stopStaleEnvironments" => in_project("/environments/stop_stale?before=2025-12-01", Target::Whole),
        "deleteEnvironment" => in_project("/environments/{environment_id}", Target::Stopped),
        "deleteReviewApps" => in_project("/environments/review_apps?before=2026-02-01", Target::Whole),
        "listProjectHooks" | "createProjectHook" => in_project("/hooks", Target::Whole),
        "getProjectHook" | "updateProjectHook" => in_project("/hooks/{hook_id}", Target::Hook),
        "deleteProjectHook" => in_project("/hooks/{hook_id}", Target::SpareHook),
        "testProjectHook" => in_project("/hooks/{hook_id}/test/deployment_events", Target::Hook),
        "listProjectHookEvents" => in_project("/hooks/{hook_id}/events", Target::Hook),
        "resendProjectHookEvent" => in_project("/hooks/{hook_id}/events/{event_id}/resend", Target::Hook),
        "setProjectHookHeader" | "deleteProjectHookHeader" => {
            in_project("/hooks/{hook_id}/custom_headers/{caller}", Target::Hook)
        }
        "setProjectHookVariable" | "deleteProjectHookVariable" => {
            in_project("/hooks/{hook_id}/url_variables/{caller}", Target::Hook)
        }
        "listBranches" => in_project("/repository/branches", Target::Whole),
        "getBranch" => in_project("/repository/branches/main", Target::Whole),
        "listCommits" => in_project("/repository/commits", Target::Whole),
        "getCommit" => in_project("/repository/commits/main", Target::Whole),
        "listCommitRefs" => in_project("/repository/commits/main/refs", Target::Whole),
        "compareRefs" => in_project("/repository/compare?from=a&to=b", Target::Whole),
        "getMergeBase" => in_project("/repository/merge_base?refs[]=a&refs[]=b", Target::Whole),
        "listDeploymentMergeRequests" => in_project("/deployments/{deployment_id}/merge_requests", Target::Running),
        "listCommitMergeRequests" => in_project("/repository/commits/main/merge_requests", Target::Whole),
        "listTags" => in_project("/repository/tags", Target::Whole),
        "getTag" => in_project("/repository/tags/v1", Target::Whole),
        "getProject" | "updateProject" => in_project("", Target::Whole),
        "listProjectMembers" | "createProjectMember" => in_project("/members", Target::Whole),
        "listAllProjectMembers" => in_project("/members/all", Target::Whole),
        "getProjectMember" | "updateProjectMember" | "deleteProjectMember" => {
            in_project("/members/999999", Target::Whole)
        }
        "getAnyProjectMember" => in_project("/members/all/999999", Target::Whole),
        "getProjectMirror" | "pullProjectMirror" => in_project("/mirror/pull", Target::Whole),
        "archiveProject" => in_project("/archive", Target::Whole),
        "unarchiveProject" => in_project("/unarchive", Target::Whole),
        // Refused for those who may: the project is not marked.
        "deleteProject" => in_project("?permanently_remove=true", Target::Whole),
        "restoreProject" => in_project("/restore", Target::Whole),
        "listProjectTokens" | "createProjectToken" => in_project("/access_tokens", Target::Whole),
        "getProjectToken" | "revokeProjectToken" => in_project("/access_tokens/999999", Target::Whole),
        "rotateProjectToken" => in_project("/access_tokens/999999/rotate", Target::Whole),
        "listHookSources" => in_project("/hook_sources", Target::Whole),
        "createHookSource" => in_project("/hook_sources", Target::Source),
        "rotateHookSource" => in_project("/hook_sources/999999/rotate", Target::Missing),
        "deleteHookSource" => in_project("/hook_sources/999999", Target::Missing),
        "listProjectDeliveries" => in_project("/inbox", Target::Whole),
        "getProjectDelivery" => in_project("/inbox/999999", Target::Missing),
        "replayProjectDelivery" => in_project("/inbox/999999/replay", Target::Missing),
        other => sample_outside(other),
    }
}

/// The request of each endpoint that is in no project.
fn sample_outside(id: &str) -> Sample {
    let fixed = |target| Sample::Fixed { target, form: "" };
    let with = |target, form| Sample::Fixed { target, form };
    match id {
        "listDeliveries" => fixed("/inbox"),
        "getDelivery" => fixed("/inbox/999999"),
        "replayDelivery" => fixed("/inbox/999999/replay"),
        "listSystemHooks" => fixed("/hooks"),
        "createSystemHook" => with("/hooks", NEW_HOOK),
        "getSystemHook" | "testSystemHook" => fixed("/hooks/1"),
        "updateSystemHook" => with("/hooks/1", "name=x"),
        "deleteSystemHook" => fixed("/hooks/2"),
        "getVersion" => fixed("/version"),
        "getMetadata" => fixed("/metadata"),
        "getOpenapi" => fixed("/openapi.json"),
        "listProjects" => fixed("/projects"),
        "createProject" => with("/projects", "name=new-{number}"),
        "getOwnToken" | "revokeOwnToken" => fixed("/personal_access_tokens/self"),
        // Days that are over: nobody's token is to be rotated here.
        "rotateOwnToken" => with("/personal_access_tokens/self/rotate", "expires_at=1999-01-01"),
        "listTokens" => fixed("/personal_access_tokens"),
        "getToken" | "revokeToken" => fixed("/personal_access_tokens/999999"),
        "rotateToken" => fixed("/personal_access_tokens/999999/rotate"),
        "createUserToken" => with("/users/999999/personal_access_tokens", "name=new&scopes[]=api"),
        "createOwnToken" => with("/user/personal_access_tokens", "name=new&scopes[]=self_rotate"),
        "createUser" => with(
            "/users",
            "email=new-{number}@example.com&name=new&username=new-{number}&reset_password=true",
        ),
        "updateUser" => with("/users/1", "bio=new"),
        "blockUser" => fixed("/users/999999/block"),
        "unblockUser" => fixed("/users/999999/unblock"),
        "deactivateUser" => fixed("/users/999999/deactivate"),
        "activateUser" => fixed("/users/999999/activate"),
        "banUser" => fixed("/users/999999/ban"),
        "unbanUser" => fixed("/users/999999/unban"),
        "listUserProjects" => fixed("/users/1/projects"),
        "listGroups" => fixed("/groups"),
        "createGroup" => with("/groups", "name=new&path=new-group-{number}"),
        "getGroup" => fixed("/groups/crew"),
        "updateGroup" => with("/groups/crew", "description=new"),
        "deleteGroup" => fixed("/groups/crew?permanently_remove=true"),
        "restoreGroup" => fixed("/groups/crew/restore"),
        "listSubgroups" => fixed("/groups/crew/subgroups"),
        "listDescendantGroups" => fixed("/groups/crew/descendant_groups"),
        "listGroupProjects" => fixed("/groups/crew/projects"),
        "listGroupMembers" => fixed("/groups/crew/members"),
        "listAllGroupMembers" => fixed("/groups/crew/members/all"),
        "getGroupMember" | "deleteGroupMember" => fixed("/groups/crew/members/999999"),
        "updateGroupMember" => with("/groups/crew/members/999999", "access_level=30"),
        "getAnyGroupMember" => fixed("/groups/crew/members/all/999999"),
        "createGroupMember" => with("/groups/crew/members", "user_id=999999&access_level=30"),
        "listGroupTokens" => fixed("/groups/crew/access_tokens"),
        "createGroupToken" => with("/groups/crew/access_tokens", "name=new&scopes[]=api&access_level=10"),
        "getGroupToken" | "revokeGroupToken" => fixed("/groups/crew/access_tokens/999999"),
        "rotateGroupToken" => fixed("/groups/crew/access_tokens/999999/rotate"),
        "getCurrentUser" => fixed("/user"),
        "listUsers" => fixed("/users"),
        "getUser" => fixed("/users/1"),
        other => sample_of_group_hooks(other),
    }
}

/// The request of each endpoint for the webhooks of a group.
fn sample_of_group_hooks(id: &str) -> Sample {
    let fixed = |target| Sample::Fixed { target, form: "" };
    let with = |target, form| Sample::Fixed { target, form };
    match id {
        "listGroupHooks" => fixed("/groups/crew/hooks"),
        "createGroupHook" => with("/groups/crew/hooks", NEW_HOOK),
        "getGroupHook" => fixed("/groups/crew/hooks/3"),
        "updateGroupHook" => with("/groups/crew/hooks/3", "name=x"),
        "deleteGroupHook" => fixed("/groups/crew/hooks/999999"),
        "testGroupHook" => fixed("/groups/crew/hooks/3/test/deployment_events"),
        "listGroupHookEvents" => fixed("/groups/crew/hooks/3/events"),
        "resendGroupHookEvent" => fixed("/groups/crew/hooks/3/events/999999/resend"),
        "setGroupHookHeader" => with("/groups/crew/hooks/3/custom_headers/key", "value=x"),
        "deleteGroupHookHeader" => fixed("/groups/crew/hooks/3/custom_headers/gone"),
        "setGroupHookVariable" => with("/groups/crew/hooks/3/url_variables/key", "value=x"),
        "deleteGroupHookVariable" => fixed("/groups/crew/hooks/3/url_variables/gone"),
        other => panic!("{other} needs a request, and a line in each table that it belongs to"),
    }
}

/// Status and, of a refusal, what it says.
fn outcome(answer: &Answer) -> String {
    let status = answer.status.as_u16();
    if status < 300 {
        return status.to_string();
    }
    let body: serde_json::Value = serde_json::from_str(&answer.body).expect("a refusal is JSON");
    let texts = ["message", "error"].map(|key| body.get(key).and_then(serde_json::Value::as_str));
    let text = texts.into_iter().flatten().next().unwrap_or(&answer.body);
    let short: String = text
        .trim_start_matches(&format!("{status} "))
        .chars()
        .take(50)
        .collect();
    format!("{status} {short}")
}

/// Callers by outcome, in one line for each outcome.
#[derive(Default)]
struct Outcomes(BTreeMap<String, Vec<&'static str>>);

impl Outcomes {
    fn add(&mut self, outcome: String, caller: &'static str) {
        self.0.entry(outcome).or_default().push(caller);
    }

    fn show(&self) -> String {
        let lines = self
            .0
            .iter()
            .map(|(outcome, callers)| format!("    {outcome}: {}", callers.join(", ")));
        lines.collect::<Vec<_>>().join("\n")
    }
}

/// What came of an endpoint in each place; places in which everybody was told the same stand together.
#[derive(Default)]
struct ByPlace(Vec<(String, String)>);

impl ByPlace {
    fn add(&mut self, place: &str, outcomes: &Outcomes) {
        let shown = outcomes.show();
        if shown.is_empty() {
            return;
        }
        match self.0.iter_mut().find(|(_, other)| *other == shown) {
            Some((places, _)) => write!(places, "; {place}").unwrap(),
            None => self.0.push((place.to_owned(), shown)),
        }
    }

    fn show(&self, into: &mut String) {
        for (places, outcomes) in &self.0 {
            writeln!(into, "  {places}\n{outcomes}").unwrap();
        }
    }
}

/// Sends one request.
async fn call(server: &TestServer, endpoint: &Endpoint, target: &str, form: &str, caller: &Caller) -> Answer {
    let who = caller
        .secret
        .map_or_else(|| server.nobody(), |secret| server.bearer_of(secret));
    let request = who.request(endpoint.method.clone(), target);
    if form.is_empty() {
        request.await
    } else {
        request
            .body(Some("application/x-www-form-urlencoded"), form.to_owned())
            .await
    }
}

/// An endpoint, what it is asked about, who asks where, and what came of it.
struct Asked {
    endpoint: &'static str,
    is_there: bool,
    place: Place,
    caller: &'static Caller,
    status: u16,
}

async fn everybody_in(
    world: &mut World,
    endpoint: &'static Endpoint,
    place: Place,
    of: Target,
    tail: &str,
) -> Vec<(Asked, String)> {
    let mut asked = Vec::new();
    let is_one = of.record().is_some();
    for caller in CALLERS {
        for is_there in [false, true] {
            if !is_there && !is_one {
                continue;
            }
            let id = if is_there && is_one {
                world.record(place, of)
            } else {
                999_999
            };
            let tail = ["{deployment_id}", "{environment_id}", "{hook_id}"]
                .iter()
                .fold(tail.to_owned(), |tail, name| tail.replace(name, &id.to_string()))
                .replace("{event_id}", &world.event(place).to_string())
                .replace("{caller}", caller.name);
            let target = format!("/projects/{}{tail}", world.project(place));
            let form = match (of, endpoint.id) {
                (Target::New, _) => world.new_deployment(),
                (Target::Source, _) => "sender=github".to_owned(),
                (Target::NewEnvironment, _) => world.new_environment(),
                (_, "stopEnvironment") => "force=true".to_owned(),
                (_, "updateDeployment") => world.next_status(place),
                (_, "createProjectHook") => NEW_HOOK.to_owned(),
                (_, "updateProjectHook") => "name=x".to_owned(),
                (_, "setProjectHookHeader" | "setProjectHookVariable") => "value=x".to_owned(),
                (_, "updateProject") => "description=new".to_owned(),
                (_, "createProjectMember") => "user_id=999999&access_level=30".to_owned(),
                (_, "updateProjectMember") => "access_level=30".to_owned(),
                (_, "createProjectToken") => "name=new&scopes[]=api&access_level=10".to_owned(),
                _ => String::new(),
            };
            let answer = call(&world.server, endpoint, &target, &form, caller).await;
            if is_there && answer.status.is_success() {
                world.done(place, endpoint.id).await;
            }
            let made = Asked {
                endpoint: endpoint.id,
                is_there: (is_there || !is_one) && of != Target::Missing,
                place,
                caller,
                status: answer.status.as_u16(),
            };
            asked.push((made, outcome(&answer)));
        }
    }
    asked
}

each_engine!(
    async fn everybody_calls_everything(server) {
        let mut world = World::new(server).await;
        let mut shown = String::new();
        // Whoever has ended the own token can do nothing more.
        let (last, first): (Vec<_>, Vec<_>) = v4::endpoints().partition(|endpoint| endpoint.id == "revokeOwnToken");
        for endpoint in first.into_iter().chain(last) {
            writeln!(shown, "{} {} ({})", endpoint.method, endpoint.path, endpoint.id).unwrap();
            match sample(endpoint) {
                Sample::Fixed { target, form } => {
                    assert!(!endpoint.is_in_project());
                    let mut outcomes = Outcomes::default();
                    for (number, caller) in CALLERS.iter().enumerate() {
                        let form = form.replace("{number}", &number.to_string());
                        let answer = call(&world.server, endpoint, target, &form, caller).await;
                        if endpoint.is_in_group() {
                            expected::check_in_group(endpoint.id, caller, answer.status.as_u16());
                        } else {
                            expected::check_instance(endpoint.id, caller, answer.status.as_u16());
                        }
                        outcomes.add(outcome(&answer), caller.name);
                    }
                    writeln!(shown, "{}", outcomes.show()).unwrap();
                }
                Sample::InProject { tail, of } => {
                    let mut by_place = ByPlace::default();
                    for place in PLACES {
                        let (mut there, mut missing) = (Outcomes::default(), Outcomes::default());
                        for (asked, outcome) in everybody_in(&mut world, endpoint, *place, of, tail).await {
                            expected::check_in_project(&asked);
                            let outcomes = if asked.is_there { &mut there } else { &mut missing };
                            outcomes.add(outcome, asked.caller.name);
                        }
                        by_place.add(&place.name(), &there);
                        let record = of.record().unwrap_or_default();
                        by_place.add(&format!("{}, but no such {record}", place.name()), &missing);
                    }
                    by_place.show(&mut shown);
                }
            }
        }
        insta::assert_snapshot!(shown);
    }
);
