//! What the reference says: the table of its section 13, row by row, with the circumstances below it, and who may use
//! what stands in no project (neighbours, sections 2 to 4 and 6).

use landfall_domain::{access::AccessLevel, project::Visibility};

use super::{
    Asked,
    callers::{Caller, Kind},
    places::{Feature, Place},
};

/// A cell: what happens.
#[derive(Clone, Copy)]
enum Cell {
    /// Success.
    Ok,
    /// This status, whether the deployment is there or not.
    Is(u16),
    /// 403 if the deployment is there, else 404.
    Forbidden,
}
use Cell::{Forbidden, Is, Ok};

/// Read, create, update, delete.
type Row = [Cell; 4];

const NOT_SIGNED_IN: Row = [Is(401), Is(401), Is(401), Is(401)];
const SHUT_OUT: Row = [Is(403), Is(403), Is(403), Is(403)];
const NOT_VISIBLE: Row = [Is(404), Is(404), Is(404), Is(404)];
/// Strangers in internal and public projects, guests and planners there, reporters everywhere.
const READER: Row = [Ok, Is(403), Forbidden, Forbidden];
/// Guests and planners in private projects.
const SEES_THE_PROJECT: Row = [Is(403), Is(403), Forbidden, Forbidden];
const DEVELOPER: Row = [Ok, Ok, Ok, Forbidden];
const MAINTAINER: Row = [Ok, Ok, Ok, Ok];
/// What nobody may do, whoever it is: the feature is disabled.
const DISABLED: Row = SEES_THE_PROJECT;

/// The row of a project whose features are open.
fn open(kind: Kind, visibility: Visibility) -> Row {
    let is_private = visibility == Visibility::Private;
    match kind {
        Kind::Nobody => NOT_SIGNED_IN,
        // Reading is what the scope is for; the rest is refused before anything is looked up.
        Kind::Scoped("read_api") => [Ok, Is(403), Is(403), Is(403)],
        Kind::ShutOut | Kind::Scoped(_) => SHUT_OUT,
        Kind::Stranger if is_private => NOT_VISIBLE,
        Kind::Stranger => READER,
        Kind::External if visibility == Visibility::Public => READER,
        Kind::External => NOT_VISIBLE,
        Kind::Member(AccessLevel::Guest | AccessLevel::Planner) if is_private => SEES_THE_PROJECT,
        Kind::Member(level) | Kind::ExternalMember(level) => match level {
            AccessLevel::Maintainer | AccessLevel::Owner => MAINTAINER,
            AccessLevel::Developer => DEVELOPER,
            _ => READER,
        },
        Kind::Admin => MAINTAINER,
    }
}

fn row(kind: Kind, place: Place) -> Row {
    let open = open(kind, place.visibility());
    let is_let_in = !matches!(kind, Kind::Nobody | Kind::ShutOut | Kind::Scoped(_));
    match place {
        Place::Private(_) if matches!(kind, Kind::Stranger | Kind::External) => SEES_THE_PROJECT,
        Place::Archived if is_let_in => [open[0], READER[1], READER[2], READER[3]],
        Place::Disabled(_) if is_let_in => DISABLED,
        Place::Disabled(_) if kind == Kind::Scoped("read_api") => SHUT_OUT,
        _ => open,
    }
}

/// What a cell comes to; `success` is the status of a success.
fn status(cell: Cell, is_there: bool, success: u16) -> u16 {
    match cell {
        Ok if is_there => success,
        Forbidden if is_there => 403,
        Ok | Forbidden => 404,
        Is(status) => status,
    }
}

/// Who may not see environments is told so first.
fn look_then(row: Row, then: Cell) -> Cell {
    match row[0] {
        Is(status) => Is(status),
        Ok | Forbidden => then,
    }
}

/// Who sees environments and may not delete them is told 401 (neighbours, 1.6), unless the token alone stands against it.
fn review_apps(row: Row) -> Cell {
    match (row[0], row[2]) {
        (Ok, Forbidden) => Is(401),
        _ => look_then(row, row[2]),
    }
}

/// Fails unless a request in a project came to what the reference says.
pub(super) fn check_in_project(asked: &Asked) {
    if let Some(need) = PROJECT.iter().find(|need| need.endpoint == asked.endpoint) {
        let sees = !matches!(see_project(asked), Is(404));
        let (caller, place) = (asked.caller, asked.place.name());
        assert_eq!(
            asked.status,
            need.wanted(caller, sees),
            "{} by {}, {place}",
            need.endpoint,
            caller.name
        );
        return;
    }
    let row = row(asked.caller.kind, asked.place);
    let (cell, success) = match asked.endpoint {
        "listDeployments" | "getDeployment" | "listDeploymentEvents" | "listEnvironments" | "getEnvironment" => {
            (row[0], 200)
        }
        // The deployment itself is not looked for.
        "listDeploymentMergeRequests" => match row[0] {
            Ok => (Is(200), 200),
            other => (other, 200),
        },
        "createDeployment" | "createEnvironment" => (row[1], 201),
        "updateDeployment" => (row[2], 200),
        "deleteDeployment" => (row[3], 204),
        "updateEnvironment" => (row[1], 200),
        "stopEnvironment" => (look_then(row, row[2]), 200),
        "deleteEnvironment" => (look_then(row, row[2]), 204),
        "stopStaleEnvironments" => (row[3], 200),
        "deleteReviewApps" => (review_apps(row), 200),
        "getProject" => (see_project(asked), 200),
        "listBranches" | "listCommits" | "listTags" => (read_code(asked), 200),
        // The projects have no repository, so whoever may look finds nothing.
        "getBranch" | "getCommit" | "listCommitRefs" | "listCommitMergeRequests" | "compareRefs" | "getTag" => {
            (read_code(asked), 404)
        }
        "getMergeBase" => (read_code(asked), 400),
        "deleteProjectHook"
        | "setProjectHookHeader"
        | "deleteProjectHookHeader"
        | "setProjectHookVariable"
        | "deleteProjectHookVariable" => (administer(asked), 204),
        "createHookSource" | "createProjectHook" | "testProjectHook" | "resendProjectHookEvent" => {
            (administer(asked), 201)
        }
        "listHookSources"
        | "listProjectDeliveries"
        | "rotateHookSource"
        | "deleteHookSource"
        | "getProjectDelivery"
        | "replayProjectDelivery"
        | "listProjectHooks"
        | "getProjectHook"
        | "listProjectHookEvents"
        | "updateProjectHook" => (administer(asked), 200),
        other => panic!("{other} needs a column"),
    };
    let wanted = status(cell, asked.is_there, success);
    let (endpoint, caller, place) = (asked.endpoint, asked.caller.name, asked.place.name());
    let is_there = asked.is_there;
    assert_eq!(
        asked.status, wanted,
        "{endpoint} by {caller}, {place}, record there: {is_there}"
    );
}

/// The project itself is seen by all its members, by those who are let in, and if it is public also without a sign-in.
/// Its features do not matter, nor that it is archived.
fn see_project(asked: &Asked) -> Cell {
    let visibility = asked.place.visibility();
    let lets_in = match asked.caller.kind {
        Kind::Nobody if asked.caller.secret.is_some() => return Is(401),
        Kind::ShutOut | Kind::Scoped("read_user") => return Is(403),
        Kind::Nobody | Kind::External => visibility == Visibility::Public,
        Kind::Stranger => visibility != Visibility::Private,
        Kind::Scoped(_) | Kind::Member(_) | Kind::ExternalMember(_) | Kind::Admin => true,
    };
    if lets_in { Ok } else { Is(404) }
}

/// What is for administrators: whether it only reads, what others are told, and what comes of it.
const ADMIN_ONLY: &[(&str, bool, u16, u16)] = &[
    ("listSystemHooks", true, 403, 200),
    ("createSystemHook", false, 403, 201),
    ("getSystemHook", true, 403, 200),
    ("updateSystemHook", false, 403, 200),
    ("deleteSystemHook", false, 403, 204),
    ("testSystemHook", false, 403, 201),
];

/// What the table above says of a caller; `None` if the endpoint is not in it.
fn of_administrators(endpoint: &str, caller: &Caller) -> Option<u16> {
    let (_, reads, refused, done) = ADMIN_ONLY.iter().find(|(id, ..)| *id == endpoint)?;
    Some(match caller.kind {
        Kind::Nobody => 401,
        Kind::Scoped("read_api") if *reads => *refused,
        Kind::ShutOut | Kind::Scoped(_) => 403,
        Kind::Admin => *done,
        _ => *refused,
    })
}

/// The code is seen by whoever sees the project, unless the repository is for members only or switched off, or the project
/// is private and the member less than a reporter. The other features do not matter.
fn read_code(asked: &Asked) -> Cell {
    let see = see_project(asked);
    let is_private = asked.place.visibility() == Visibility::Private;
    let is_stranger = matches!(asked.caller.kind, Kind::Nobody | Kind::Stranger | Kind::External);
    match (see, asked.place, asked.caller.kind) {
        (Ok, Place::Disabled(Feature::Repository), _) => Is(403),
        (Ok, Place::Private(Feature::Repository), _) if is_stranger => Is(403),
        (Ok, _, Kind::Member(AccessLevel::Guest | AccessLevel::Planner)) if is_private => Is(403),
        _ => see,
    }
}

/// Settings are for maintainers, whatever the project's features are; those who do not see it are told nothing.
fn administer(asked: &Asked) -> Cell {
    let writes = !matches!(
        asked.endpoint,
        "listHookSources"
            | "listProjectDeliveries"
            | "getProjectDelivery"
            | "listProjectHooks"
            | "getProjectHook"
            | "listProjectHookEvents"
    );
    match asked.caller.kind {
        Kind::Nobody => Is(401),
        Kind::Scoped("read_api") if writes => Is(403),
        Kind::ShutOut | Kind::Scoped("read_user") => Is(403),
        Kind::Scoped(_) | Kind::Admin | Kind::Member(AccessLevel::Maintainer | AccessLevel::Owner) => Ok,
        _ => match see_project(asked) {
            Ok => Is(403),
            refused => refused,
        },
    }
}

/// What somebody needs to do something with a project or a group, and what comes of it.
struct Need {
    endpoint: &'static str,
    /// `None`: to see it.
    level: Option<AccessLevel>,
    is_read: bool,
    /// Without a token.
    nobody: u16,
    permitted: u16,
    refused: u16,
}

const fn need(
    endpoint: &'static str,
    level: Option<AccessLevel>,
    is_read: bool,
    [nobody, permitted, refused]: [u16; 3],
) -> Need {
    Need {
        endpoint,
        level,
        is_read,
        nobody,
        permitted,
        refused,
    }
}

const MAINTAINS: Option<AccessLevel> = Some(AccessLevel::Maintainer);
const OWNS: Option<AccessLevel> = Some(AccessLevel::Owner);

/// What concerns a project as such. Where 400 or 404 is what those get who may, the request asks for something that is
/// not there or not possible.
const PROJECT: &[Need] = &[
    need("listProjectMembers", None, true, [401, 200, 0]),
    need("listAllProjectMembers", None, true, [401, 200, 0]),
    need("getProjectMember", None, true, [401, 404, 0]),
    need("getAnyProjectMember", None, true, [401, 404, 0]),
    need("createProjectMember", MAINTAINS, false, [401, 404, 403]),
    need("updateProjectMember", MAINTAINS, false, [401, 404, 403]),
    need("deleteProjectMember", MAINTAINS, false, [401, 404, 403]),
    need("updateProject", MAINTAINS, false, [401, 200, 403]),
    need("getProjectMirror", MAINTAINS, true, [401, 400, 403]),
    need("pullProjectMirror", MAINTAINS, false, [401, 400, 403]),
    need("archiveProject", OWNS, false, [401, 201, 403]),
    need("unarchiveProject", OWNS, false, [401, 201, 403]),
    need("deleteProject", OWNS, false, [401, 400, 403]),
    need("restoreProject", OWNS, false, [401, 400, 403]),
    need("listProjectTokens", MAINTAINS, true, [401, 200, 401]),
    need("getProjectToken", MAINTAINS, true, [401, 404, 401]),
    need("createProjectToken", MAINTAINS, false, [401, 201, 400]),
    need("revokeProjectToken", MAINTAINS, false, [401, 404, 404]),
    need("rotateProjectToken", MAINTAINS, false, [401, 401, 401]),
];

/// The same for a private group. Nobody hears of it without a token.
const GROUP: &[Need] = &[
    need("getGroup", None, true, [404, 200, 0]),
    need("listSubgroups", None, true, [404, 200, 0]),
    need("listDescendantGroups", None, true, [404, 200, 0]),
    need("listGroupProjects", None, true, [404, 200, 0]),
    need("listGroupMembers", None, true, [401, 200, 0]),
    need("listAllGroupMembers", None, true, [401, 200, 0]),
    need("getGroupMember", None, true, [401, 404, 0]),
    need("getAnyGroupMember", None, true, [401, 404, 0]),
    need("updateGroup", OWNS, false, [401, 200, 403]),
    need("deleteGroup", OWNS, false, [401, 400, 403]),
    need("restoreGroup", OWNS, false, [401, 400, 403]),
    need("createGroupMember", OWNS, false, [401, 404, 403]),
    need("updateGroupMember", OWNS, false, [401, 404, 403]),
    need("deleteGroupMember", OWNS, false, [401, 404, 403]),
    need("listGroupTokens", OWNS, true, [401, 200, 401]),
    need("getGroupToken", OWNS, true, [401, 404, 401]),
    need("createGroupToken", OWNS, false, [401, 201, 400]),
    need("revokeGroupToken", OWNS, false, [401, 404, 404]),
    need("rotateGroupToken", OWNS, false, [401, 401, 401]),
    need("listGroupHooks", OWNS, true, [401, 200, 403]),
    need("createGroupHook", OWNS, false, [401, 201, 403]),
    need("getGroupHook", OWNS, true, [401, 200, 403]),
    need("updateGroupHook", OWNS, false, [401, 200, 403]),
    need("deleteGroupHook", OWNS, false, [401, 404, 403]),
    need("testGroupHook", OWNS, false, [401, 422, 403]),
    need("listGroupHookEvents", OWNS, true, [401, 200, 403]),
    need("resendGroupHookEvent", OWNS, false, [401, 404, 403]),
    need("setGroupHookHeader", OWNS, false, [401, 204, 403]),
    need("deleteGroupHookHeader", OWNS, false, [401, 404, 403]),
    need("setGroupHookVariable", OWNS, false, [401, 204, 403]),
    need("deleteGroupHookVariable", OWNS, false, [401, 404, 403]),
];

impl Need {
    fn wanted(&self, caller: &Caller, sees: bool) -> u16 {
        let has = |level: AccessLevel| self.level.is_none_or(|least| level >= least);
        let passes = match caller.kind {
            Kind::Nobody if caller.secret.is_some() => return 401,
            Kind::Nobody if self.nobody == 401 => return 401,
            Kind::Scoped("read_api") if self.is_read => true,
            Kind::ShutOut | Kind::Scoped(_) => return 403,
            _ if !sees => return 404,
            Kind::Nobody | Kind::Stranger | Kind::External => self.level.is_none(),
            Kind::Member(level) | Kind::ExternalMember(level) => has(level),
            // Only administrators learn that there is no such token to rotate.
            Kind::Admin if self.endpoint.starts_with("rotate") => return 404,
            Kind::Admin => true,
        };
        if passes { self.permitted } else { self.refused }
    }
}

/// Fails unless a request to the group came to what its table says.
pub(super) fn check_in_group(endpoint: &str, caller: &Caller, status: u16) {
    let need = GROUP
        .iter()
        .find(|need| need.endpoint == endpoint)
        .expect("a line in the table of groups");
    let sees = matches!(
        caller.kind,
        Kind::Member(_) | Kind::ExternalMember(_) | Kind::Admin | Kind::Scoped(_)
    );
    assert_eq!(status, need.wanted(caller, sees), "{endpoint} by {}", caller.name);
}

/// Without a token, with a token of the scope `read_api` or `read_user` alone, external users, everybody else,
/// administrators.
const INSTANCE: &[(&str, [u16; 6])] = &[
    ("getVersion", [401, 200, 200, 200, 200, 200]),
    ("getMetadata", [401, 200, 200, 200, 200, 200]),
    ("getOpenapi", [200, 200, 200, 200, 200, 200]),
    ("listProjects", [200, 200, 403, 200, 200, 200]),
    ("createProject", [401, 403, 403, 403, 201, 201]),
    ("getOwnToken", [401, 200, 200, 200, 200, 200]),
    ("getCurrentUser", [401, 200, 200, 200, 200, 200]),
    ("listUsers", [403, 200, 200, 200, 200, 200]),
    ("getUser", [403, 200, 200, 200, 200, 200]),
    ("createUser", [401, 403, 403, 403, 403, 201]),
    ("updateUser", [401, 403, 403, 403, 403, 200]),
    ("blockUser", [401, 403, 403, 403, 403, 404]),
    ("unblockUser", [401, 403, 403, 403, 403, 404]),
    ("deactivateUser", [401, 403, 403, 403, 403, 404]),
    ("activateUser", [401, 403, 403, 403, 403, 404]),
    ("banUser", [401, 403, 403, 403, 403, 404]),
    ("unbanUser", [401, 403, 403, 403, 403, 404]),
    ("listUserProjects", [200, 200, 403, 200, 200, 200]),
    ("listGroups", [200, 200, 403, 200, 200, 200]),
    ("createGroup", [401, 403, 403, 403, 201, 201]),
    ("listTokens", [401, 200, 403, 200, 200, 200]),
    ("getToken", [401, 401, 403, 401, 401, 404]),
    ("revokeToken", [401, 403, 403, 404, 404, 404]),
    ("rotateToken", [401, 403, 403, 401, 401, 404]),
    // The day that is asked for is over.
    ("rotateOwnToken", [401, 403, 403, 400, 400, 400]),
    ("createUserToken", [401, 403, 403, 403, 403, 404]),
    ("createOwnToken", [401, 403, 403, 201, 201, 201]),
    ("revokeOwnToken", [401, 204, 204, 204, 204, 204]),
    ("listDeliveries", [401, 403, 403, 403, 403, 200]),
    // There is no such delivery.
    ("getDelivery", [401, 403, 403, 403, 403, 404]),
    ("replayDelivery", [401, 403, 403, 403, 403, 404]),
];

/// Fails unless a request outside of projects came to what the reference says. A token that is sent must be a good one
/// of somebody who is not shut out, also where none is needed.
pub(super) fn check_instance(endpoint: &str, caller: &Caller, status: u16) {
    if let Some(wanted) = of_administrators(endpoint, caller) {
        assert_eq!(status, wanted, "{endpoint} by {}", caller.name);
        return;
    }
    let (_, row) = INSTANCE
        .iter()
        .find(|(id, _)| *id == endpoint)
        .expect("the endpoint has a row");
    let wanted = match caller.kind {
        Kind::Nobody if caller.secret.is_some() => 401,
        Kind::Nobody => row[0],
        Kind::ShutOut => 403,
        Kind::Scoped("read_api") => row[1],
        Kind::Scoped(_) => row[2],
        Kind::External | Kind::ExternalMember(_) => row[3],
        Kind::Stranger | Kind::Member(_) => row[4],
        Kind::Admin => row[5],
    };
    assert_eq!(status, wanted, "{endpoint} by {}", caller.name);
}
