//! The metadata of an image, by its id or its URL.

use std::sync::Arc;

use actix_web::http::header::{AGE, CACHE_STATUS};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::refusal::refusal;
use super::{Asked, file_id, withheld};
use crate::catalog::{Found, View};
use crate::error::{Error, Result};
use crate::metadata::{ImageRef, Level};

/// `GET /v1/files/{id}/metadata`
pub async fn by_id(http: HttpRequest, Asked(catalog): Asked) -> HttpResponse {
    match file_id(&http) {
        Ok(id) => answer(&catalog, ImageRef::File(id)).await,
        Err(error) => refusal(&error, ""),
    }
}

/// `GET /v1/metadata?url=`
pub async fn by_url(http: HttpRequest, Asked(catalog): Asked) -> HttpResponse {
    match url_parameter(http.query_string()) {
        Some(url) => answer(&catalog, ImageRef::Url(url)).await,
        None => refusal(&Error::BadUrl("the parameter url is missing"), ""),
    }
}

async fn answer(catalog: &Arc<View>, image: ImageRef) -> HttpResponse {
    let found = catalog.metadata(&image, Level::Pixels, catalog.until()).await;
    match found.and_then(|found| Ok((object(&found)?, found))) {
        Ok((object, found)) => told(&found).json(object),
        Err(error) => refusal(&error, image.id()),
    }
}

/// Says of an answer that is older than it may be how old it is: RFC 9111, 5.1 and RFC 9211; and what it withholds.
fn told(found: &Found) -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    if let Some(header) = withheld(&found.metadata.withheld) {
        answer.insert_header(header);
    }
    if let Some(age) = found.stale {
        answer.insert_header((AGE, age.as_secs()));
        answer.insert_header((CACHE_STATUS, "imagraph; hit; detail=stale"));
    }
    answer
}

/// ImageKit gives no half answers: a damaged picture is an error. A format whose pixels the engine does not
/// read is not damaged, its object lacks the hash. What ImageKit itself said is passed on whatever it is.
pub fn object(found: &Found) -> Result<Value> {
    let metadata = &found.metadata;
    match &metadata.p_hash {
        Some(Err(error)) if metadata.verbatim.is_none() && !matches!(error, Error::UnsupportedFormat(_)) => {
            Err(error.clone())
        }
        _ => Ok(Value::Object(metadata.to_json())),
    }
}

/// The Node SDK 6 sends the URL unencoded: what follows its `&` looks like parameters of ours and is put back.
fn url_parameter(query: &str) -> Option<String> {
    let start = if query.starts_with("url=") { 4 } else { query.find("&url=")? + 5 };
    let value = &query[start..];
    let parameter = value.split('&').next().unwrap_or_default();
    if parameter.contains("://") {
        return Some(value.to_owned());
    }
    percent_decode_str(&parameter.replace('+', "%20")).decode_utf8().ok().map(Into::into)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_encoded_url_is_one_parameter_and_an_unencoded_one_goes_on_to_the_end() {
        let url = |query| url_parameter(query).unwrap();
        assert_eq!(
            url("url=https%3A%2F%2Fa.b%2Fc.jpg%3Ftr%3Dw-1%26x%3D2&other=1"),
            "https://a.b/c.jpg?tr=w-1&x=2"
        );
        assert_eq!(url("url=https://a.b/c+%20.jpg?tr=w-1&x=2"), "https://a.b/c+%20.jpg?tr=w-1&x=2");
        assert_eq!(url("other=1&url=https%3A%2F%2Fa.b%2Fc%20d.jpg"), "https://a.b/c d.jpg");
        assert_eq!(url("url="), "");
        assert_eq!(url_parameter("curl=https://a.b"), None);
        assert_eq!(url_parameter("url=%ff"), None);
    }
}
