//! The files of the media library: lists and details.
//!
//! In front of an account they are ImageKit's own. The engine's library has the same keys, as far as a folder knows
//! them, and tags as far as its index knows them: it has no versions, and no URL at which the gateway would serve the file itself.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse};
use futures_util::{StreamExt, stream};
use serde_json::{Value, json};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use tokio::time::{Instant, timeout_at};

use super::refusal::refusal;
use super::upload::shown_tags;
use super::{Asked, file_id, withheld};
use crate::catalog::View;
use crate::config::Private;
use crate::error::{Error, Result};
use crate::metadata::{ImageRef, Level, Metadata, media_type};
use crate::source::Listed;
use crate::source::engine::library::LibraryFile;

/// Files of one list whose headers are read at once.
const AT_ONCE: usize = 16;

/// `GET /v1/files`: an array, as ImageKit gives it.
pub async fn list(http: HttpRequest, Asked(catalog): Asked) -> HttpResponse {
    let until = catalog.until();
    let listed = match catalog.files(http.query_string(), until).await {
        Ok((Listed::Verbatim(list), withheld)) => Ok((list, withheld)),
        Ok((Listed::Library(files), withheld)) => {
            let objects = timeout_at(until, objects(&catalog, files, until)).await;
            objects.map(|objects| (objects, withheld)).map_err(|_| Error::Timeout)
        }
        Err(error) => Err(error),
    };
    answer(listed, "")
}

/// `GET /v1/files/{id}/details`
pub async fn details(http: HttpRequest, Asked(catalog): Asked) -> HttpResponse {
    let id = match file_id(&http) {
        Ok(id) => id,
        Err(error) => return answer(Err(error), ""),
    };
    let until = catalog.until();
    let details = match catalog.file(&id, until).await {
        Ok((Listed::Verbatim(object), withheld)) => Ok((object, withheld)),
        Ok((Listed::Library(file), withheld)) => {
            let tags = tags(&catalog, std::slice::from_ref(&file), until).await.pop().unwrap_or_default();
            Ok((object(&catalog, file, &tags, until).await, withheld))
        }
        Err(error) => Err(error),
    };
    answer(details, &id)
}

/// An object or a list, and what it withholds.
fn answer(answer: Result<(Value, Vec<Private>)>, asked: &str) -> HttpResponse {
    let told = |(value, private): (Value, Vec<Private>)| {
        let mut answer = HttpResponse::Ok();
        if let Some(header) = withheld(&private) {
            answer.insert_header(header);
        }
        answer.json(value)
    };
    answer.map_or_else(|error| refusal(&error, asked), told)
}

async fn objects(catalog: &Arc<View>, files: Vec<LibraryFile>, until: Instant) -> Value {
    let tags = tags(catalog, &files, until).await;
    let objects = stream::iter(files.into_iter().zip(tags));
    let objects = objects.map(async |(file, tags)| object(catalog, file, &tags, until).await);
    Value::Array(objects.buffered(AT_ONCE).collect().await)
}

/// Those of each file. An index that is away holds up no list.
async fn tags(catalog: &Arc<View>, files: &[LibraryFile], until: Instant) -> Vec<Vec<String>> {
    let paths = files.iter().map(|file| file.path.clone()).collect();
    let unknown = |_| vec![Vec::new(); files.len()];
    catalog.tags(paths, until).await.unwrap_or_else(unknown)
}

/// What the folder says of a file, and where it is an image what its header says.
async fn object(catalog: &Arc<View>, file: LibraryFile, tags: &[String], until: Instant) -> Value {
    let path = file.path.display().to_string();
    let mut object = json!({
        "type": "file",
        "name": path.rsplit('/').next(),
        "createdAt": iso_8601(file.created.into()),
        "updatedAt": iso_8601(file.updated.into()),
        "fileId": file.id,
        "tags": shown_tags(tags),
        "customCoordinates": null,
        "isPrivateFile": false,
        "isPublished": true,
        "filePath": format!("/{path}"),
        "fileType": "non-image",
        "size": file.size,
    });
    if let Ok(found) = catalog.metadata(&ImageRef::File(file.id), Level::Frames, until).await {
        put_image(&mut object, &found.metadata);
    }
    object
}

fn put_image(object: &mut Value, metadata: &Metadata) {
    object["fileType"] = json!("image");
    object["mime"] = json!(metadata.format.as_deref().and_then(media_type));
    object["hasAlpha"] = json!(metadata.has_transparency);
    for (name, side) in [("height", &metadata.height), ("width", &metadata.width)] {
        if let Some(Ok(side)) = side {
            object[name] = json!(side);
        }
    }
}

/// Null for a time that is beyond the year 9999.
fn iso_8601(time: OffsetDateTime) -> Value {
    time.replace_millisecond(time.millisecond()).ok().and_then(|time| time.format(&Rfc3339).ok()).into()
}
