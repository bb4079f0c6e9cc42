//! Every refusal as it is sent.

use http_body_util::BodyExt as _;
use landfall_domain::environment::{Invalid, NotStopped, UrlError};

use super::*;

fn every_error() -> Vec<ApiError> {
    vec![
        ApiError::Params("sha is missing, sha is empty".to_owned()),
        ApiError::route_not_found(),
        ApiError::api_v3(),
        ApiError::unsupported_format("xml"),
        ApiError::unsupported_media_type("text/plain"),
        ApiError::unsupported_media_type(""),
        ApiError::malformed(),
        ApiError::too_large(),
        ApiError::invalid_json(),
        ApiError::json_too_deep(),
        ApiError::json_array_too_large(),
        ApiError::json_object_too_large(),
        ApiError::json_too_many_elements(),
        ApiError::TwoTokens,
        ApiError::unauthorized(),
        ApiError::token_expired(),
        ApiError::token_revoked(),
        ApiError::InsufficientScope { scope: "api read_api" },
        ApiError::forbidden(),
        ApiError::forbidden_because("Must be admin to use sudo"),
        ApiError::not_found(),
        ApiError::project_not_found(),
        ApiError::thing_not_found("User with ID or username '123'"),
        ApiError::bad_request("Invalid Date"),
        ApiError::not_a_fork(2, "1"),
        ApiError::too_few_refs(),
        ApiError::unknown_refs(&["main".to_owned()]),
        ApiError::unknown_refs(&["a".to_owned(), "b".to_owned()]),
        ApiError::field("sha", "The commit does not exist"),
        ApiError::field("status", "cannot transition via \"run\""),
        ApiError::Fields(
            StatusCode::BAD_REQUEST,
            vec![
                (
                    "name",
                    vec!["has already been taken".to_owned(), "is too long".to_owned()],
                ),
                ("path", vec!["has already been taken".to_owned()]),
            ],
        ),
        ApiError::Sentences(StatusCode::BAD_REQUEST, vec!["Name has already been taken".to_owned()]),
        ApiError::no_cluster_agent(),
        Refusal::from(NotStopped).into(),
        Refusal::Environment(vec![
            Invalid::ExternalUrl(UrlError::Scheme("javascript")),
            Invalid::DescriptionTooLong,
        ])
        .into(),
        ApiError::of_environment_create(Refusal::Environment(vec![
            Invalid::NameTaken,
            Invalid::SlugTaken,
            Invalid::ExternalUrl(UrlError::Invalid),
            Invalid::NamespaceWithoutAgent,
            Invalid::FluxPathWithoutNamespace,
        ])),
        ApiError::may_not_delete_environments(),
        ApiError::no_review_apps(),
        ApiError::Message(StatusCode::BAD_REQUEST, "Cannot destroy running deployment".into()),
        ApiError::Moved {
            location: "https://landfall.example/api/v4/projects/5/deployments?sort=asc".to_owned(),
        },
        ApiError::method_moved(),
        ApiError::no_parameters(),
        ApiError::unprocessable("Ensure the project has deployments."),
        ApiError::from(Refusal::Webhook(Unfit::Url)),
        ApiError::from(Refusal::Webhook(Unfit::Pair)),
        ApiError::from(Refusal::Webhook(Unfit::Field("token", "is invalid".to_owned()))),
        ApiError::resource_lock(),
        ApiError::precondition_failed(),
        ApiError::TooManyRequests {
            retry_after: 17,
            reset: 1_552_636_800,
        },
        ApiError::ApplicationLimit { retry_after: 60 },
        ApiError::Unavailable { retry_after: 1 },
        ApiError::internal("disk I/O error"),
    ]
}

async fn print(error: ApiError) -> String {
    let (head, body) = error.into_response().into_parts();
    let headers: Vec<String> = head
        .headers
        .iter()
        .map(|(name, value)| format!("{name}: {}\n", value.to_str().unwrap()))
        .collect();
    let body = body.collect().await.unwrap().to_bytes();
    format!(
        "{}\n{}\n{}\n",
        head.status.as_u16(),
        headers.concat(),
        std::str::from_utf8(&body).unwrap()
    )
}

#[tokio::test]
async fn every_body_that_the_server_can_send() {
    let mut all = String::new();
    for error in every_error() {
        all.push_str(&print(error).await);
        all.push_str("----\n");
    }
    insta::assert_snapshot!(all);
}

#[tokio::test]
async fn a_location_that_no_header_can_carry_is_only_in_the_text() {
    let printed = print(ApiError::Moved {
        location: "https://a/\r\nSet-Cookie: x".to_owned(),
    })
    .await;
    assert!(!printed.contains("location:"), "{printed}");
}

#[test]
fn the_log_sees_what_the_client_does_not() {
    let error = ApiError::internal("disk I/O error");
    assert_eq!(
        error.source().map(ToString::to_string).as_deref(),
        Some("disk I/O error")
    );
}
