//! `POST /graphql` -> schema, after the GraphQL over HTTP specification.

use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, CONTENT_TYPE, HeaderValue, WWW_AUTHENTICATE};
use actix_web::web::{Bytes, Data, Payload};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use async_graphql::{Request, Response};
use tokio::time::timeout;

use super::auth::Callers;
use crate::error::Error;
use crate::schema::{self, Schema};

/// How long a client may take to send them.
const BODY_TIMEOUT: Duration = Duration::from_secs(10);

/// `Basic` is taken as well, but would make browsers ask for a password.
const BEARER: HeaderValue = HeaderValue::from_static("Bearer");

const JSON: &str = "application/json";
const GRAPHQL_RESPONSE_JSON: &str = "application/graphql-response+json";

pub async fn execute(
    http: HttpRequest,
    schema: Data<Schema>,
    callers: Data<Callers>,
    payload: Payload,
) -> HttpResponse {
    let caller = match callers.caller(http.headers()) {
        Ok(caller) => caller,
        Err(stranger) => {
            let mut answer = refuse(&http, StatusCode::UNAUTHORIZED, &stranger);
            answer.headers_mut().insert(WWW_AUTHENTICATE, BEARER);
            return answer;
        }
    };
    // A browser sends JSON to a foreign origin only after asking, so no page can use a visitor's access.
    if http.content_type() != JSON {
        let reason = Error::BadRequest("the body has to be application/json");
        return refuse(&http, StatusCode::UNSUPPORTED_MEDIA_TYPE, &reason);
    }
    let body = match read(payload, schema.max_body_bytes()).await {
        Ok(body) => body,
        Err((status, reason)) => return refuse(&http, status, &Error::BadRequest(reason)),
    };
    match parse(&body) {
        Some(request) => match schema.execute(&caller.catalog, request).await {
            Ok(response) => answer(&http, response),
            Err(refused) => refuse(&http, StatusCode::BAD_REQUEST, &refused),
        },
        None => {
            let reason = Error::BadRequest("the body is not a GraphQL request in JSON");
            refuse(&http, StatusCode::BAD_REQUEST, &reason)
        }
    }
}

async fn read(payload: Payload, max_bytes: usize) -> Result<Bytes, (StatusCode, &'static str)> {
    match timeout(BODY_TIMEOUT, payload.to_bytes_limited(max_bytes)).await {
        Ok(Ok(Ok(body))) => Ok(body),
        Ok(Ok(Err(_))) => Err((StatusCode::BAD_REQUEST, "the body broke off")),
        Ok(Err(_)) => Err((StatusCode::PAYLOAD_TOO_LARGE, "the body is too long")),
        Err(_) => Err((StatusCode::REQUEST_TIMEOUT, "the body came too slowly")),
    }
}

/// An object only: serde would take a list of its values as well.
fn parse(body: &[u8]) -> Option<Request> {
    let object = body.trim_ascii_start().starts_with(b"{");
    object.then(|| serde_json::from_slice(body).ok())?
}

/// The schema in GraphQL's definition language.
pub async fn sdl() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(schema::sdl())
}

/// Under the newer media type a request that could not be run at all has status 400, under the older one 200.
fn answer(http: &HttpRequest, response: Response) -> HttpResponse {
    let ran = response.errors.iter().all(|error| !error.path.is_empty());
    let status = if ran || media_type(http) == JSON { StatusCode::OK } else { StatusCode::BAD_REQUEST };
    respond(http, status, &response)
}

fn refuse(http: &HttpRequest, status: StatusCode, error: &Error) -> HttpResponse {
    let error = schema::error::request_error(error);
    respond(http, status, &Response::from_errors(vec![error]))
}

fn respond(http: &HttpRequest, status: StatusCode, response: &Response) -> HttpResponse {
    let mut answer = HttpResponse::build(status);
    answer.insert_header((CONTENT_TYPE, media_type(http)));
    match serde_json::to_vec(response) {
        Ok(body) => answer.body(body),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}

fn media_type(http: &HttpRequest) -> &'static str {
    let accept = http.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    if accept.contains(GRAPHQL_RESPONSE_JSON) { GRAPHQL_RESPONSE_JSON } else { JSON }
}
