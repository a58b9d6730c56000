//! `POST /api/v1/files/upload`: a file for the library, as ImageKit takes it.
//!
//! A form of another site could send a body of this type, but is known by its origin (`pages`), and has no key.

mod base64_text;
mod form;
mod tags;

use std::sync::Arc;

use actix_web::dev::HttpServiceFactory;
use actix_web::middleware::from_fn;
use actix_web::web::{Data, Payload, post, resource, to};
use actix_web::{HttpRequest, HttpResponse};
use serde_json::{Value, json};
use tokio::time::Instant;

use super::refusal::refusal;
use super::{metadata, refuse, withheld};
use crate::catalog::{Found, View};
use crate::config::Right;
use crate::error::{Error, HttpFault, Result};
use crate::http::auth::Callers;
use crate::http::multipart::Multipart;
use crate::http::slow_reader;
use crate::metadata::{Fact, ImageRef, Level};
use crate::schema::Schema;
use crate::source::engine::library::LibraryFile;
use form::{File, Form};
pub use tags::shown as shown_tags;

pub fn route() -> impl HttpServiceFactory {
    let upload = resource("/api/v1/files/upload").route(post().to(upload));
    upload.default_service(to(other_method)).wrap(from_fn(slow_reader::hold))
}

async fn other_method() -> HttpResponse {
    refuse(&Error::BadHttp(HttpFault::OnlyPost))
}

async fn upload(
    http: HttpRequest,
    callers: Data<Callers>,
    schema: Data<Schema>,
    payload: Payload,
) -> HttpResponse {
    let catalog = match callers.admit(http.headers(), Right::Write) {
        Ok(caller) => Arc::clone(&caller.catalog),
        Err(error) => return refuse(&error),
    };
    let mut url = String::new();
    let stored = store(&http, payload, &catalog, schema.max_body_bytes(), &mut url).await;
    stored.unwrap_or_else(|error| refusal(&error, &url))
}

/// `asked` is the URL that is fetched, once it is known.
async fn store(
    http: &HttpRequest,
    payload: Payload,
    catalog: &Arc<View>,
    max_text: usize,
    asked: &mut String,
) -> Result<HttpResponse> {
    let until = catalog.until();
    let intake = catalog.intake().await?;
    // In base64 four bytes are three, and lines have ends.
    let max_bytes = (catalog.max_file_bytes() / 2).saturating_mul(3).saturating_add(max_text as u64);
    let mut parts = Multipart::new(http, payload, max_bytes, until)?;
    let Form { file, named, tags, response_fields } =
        form::read(&mut parts, catalog, &intake, max_text).await?;
    named.check()?;
    let draft = match file {
        File::Sent(draft) => draft,
        File::At(url) => {
            asked.clone_from(&url);
            catalog.fetch(&url, &intake, until).await?
        }
    };
    let stored = catalog.store(draft, named, tags.clone(), until).await?;
    answer(catalog, &stored, &tags, &response_fields, until).await
}

async fn answer(
    catalog: &Arc<View>,
    file: &LibraryFile,
    tags: &[String],
    response_fields: &[String],
    until: Instant,
) -> Result<HttpResponse> {
    let found = catalog.metadata(&ImageRef::File(file.id.clone()), Level::Pixels, until).await?;
    let mut object = object(file, tags, &found);
    let mut answer = HttpResponse::Ok();
    for field in response_fields {
        match field.as_str() {
            "metadata" => {
                object["metadata"] = metadata::object(&found)?;
                withheld(&found.metadata.withheld).map(|header| answer.insert_header(header));
            }
            "customCoordinates" => object["customCoordinates"] = Value::Null,
            "isPrivateFile" => object["isPrivateFile"] = json!(false),
            "isPublished" => object["isPublished"] = json!(true),
            // There is no such thing here.
            _ => {}
        }
    }
    Ok(answer.json(object))
}

fn object(file: &LibraryFile, tags: &[String], found: &Found) -> Value {
    let path = file.path.display().to_string();
    let side = |side: &Fact<u64>| side.as_ref().and_then(|side| side.as_ref().ok()).copied();
    json!({
        "fileId": file.id,
        "name": path.rsplit('/').next(),
        "size": file.size,
        "filePath": format!("/{path}"),
        "fileType": "image",
        "height": side(&found.metadata.height),
        "width": side(&found.metadata.width),
        "tags": shown_tags(tags),
        "AITags": null,
    })
}
