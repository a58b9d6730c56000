//! The GraphiQL page: built by Vite in `playground/`, compressed there, embedded here.

use std::borrow::Cow;
use std::io::Read;

use actix_web::http::header::{
    ACCEPT_ENCODING, AcceptEncoding, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    Encoding, VARY, X_CONTENT_TYPE_OPTIONS,
};
use actix_web::web::{Bytes, Path};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use flate2::read::GzDecoder;
use rust_embed::RustEmbed;

#[derive(RustEmbed)]
#[folder = "playground/dist"]
struct Dist;

/// The page loads nothing from elsewhere and runs no script of its own text. Styles are Monaco's, which writes
/// them at run time; pictures are previews (`blob:`), which are fetched with the caller's key, and `lqip` (`data:`).
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; \
    img-src 'self' data: blob:; worker-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
    frame-ancestors 'none'";
/// The name of an asset holds a hash of what is in it.
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";

pub async fn page(http: HttpRequest) -> HttpResponse {
    file(&http, "index.html", ASK_AGAIN)
}

pub async fn asset(http: HttpRequest, path: Path<String>) -> HttpResponse {
    file(&http, &format!("assets/{path}"), FOR_EVER)
}

fn file(http: &HttpRequest, name: &str, caching: &'static str) -> HttpResponse {
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((CONTENT_TYPE, media_type(name)))
        .insert_header((CACHE_CONTROL, caching))
        .insert_header((VARY, ACCEPT_ENCODING.as_str()))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((X_CONTENT_TYPE_OPTIONS, "nosniff"));
    match Dist::get(&format!("{name}.gz")) {
        Some(packed) if takes_gzip(http) => {
            answer.insert_header((CONTENT_ENCODING, "gzip")).body(embedded(packed.data))
        }
        Some(packed) => unpacked(&packed.data).map_or_else(failure, |data| answer.body(data)),
        None => HttpResponse::NotFound().finish(),
    }
}

/// Without a copy: what is embedded is there as long as the process.
fn embedded(data: Cow<'static, [u8]>) -> Bytes {
    match data {
        Cow::Borrowed(data) => Bytes::from_static(data),
        Cow::Owned(data) => Bytes::from(data),
    }
}

/// For the few clients that do not take gzip; what is unpacked is our own.
fn unpacked(packed: &[u8]) -> Option<Vec<u8>> {
    let mut data = Vec::new();
    GzDecoder::new(packed).read_to_end(&mut data).ok().map(|_| data)
}

fn failure() -> HttpResponse {
    HttpResponse::InternalServerError().finish()
}

fn takes_gzip(http: &HttpRequest) -> bool {
    let accepted = http.get_header::<AcceptEncoding>();
    let chosen = accepted.and_then(|accepted| accepted.negotiate([Encoding::gzip()].iter()));
    chosen == Some(Encoding::gzip())
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("ttf") => "font/ttf",
        _ => "application/octet-stream",
    }
}
