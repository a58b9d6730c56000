//! Which pages may ask: those of the gateway itself, and those of the origins that the settings name.

use actix_cors::Cors;
use actix_web::HttpRequest;
use actix_web::http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, ORIGIN, RETRY_AFTER};
use actix_web::web::Data;

use crate::config::Http;

/// Seconds for which a browser does not ask again whether it may. Two hours are all that Chromium takes.
const PREFLIGHT_AGE: usize = 7_200;

/// Never with credentials: keys are sent by the page, which has to know them.
pub fn cors(pages: &Http) -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "POST"])
        .allowed_headers([AUTHORIZATION, CONTENT_TYPE])
        .allowed_header("X-API-Key")
        .expose_headers([ETAG, RETRY_AFTER])
        .max_age(PREFLIGHT_AGE);
    pages.cors_origins.iter().fold(cors, |cors, origin| match origin.as_str() {
        "*" => cors.allow_any_origin().send_wildcard(),
        origin => cors.allowed_origin(origin),
    })
}

/// Whether a page of another site had this sent: a picture, a link, a form. Browsers say so, to whom they trust the
/// connection; whoever is not a browser says nothing.
pub fn is_foreign(http: &HttpRequest) -> bool {
    let site = http.headers().get("Sec-Fetch-Site").map(|site| site.as_bytes());
    matches!(site, Some(b"cross-site" | b"same-site")) && !is_allowed(http)
}

/// Whether a page of another origin opens this WebSocket. Browsers let it read what it is told without asking whether it
/// may; they name its origin, and not all of them its site.
pub fn is_foreign_socket(http: &HttpRequest) -> bool {
    http.headers().contains_key(ORIGIN) && !is_own(http) && !is_allowed(http)
}

fn is_own(http: &HttpRequest) -> bool {
    let origin = http.headers().get(ORIGIN).and_then(|origin| origin.to_str().ok());
    let host = origin.and_then(|origin| origin.split_once("://"));
    host.is_some_and(|(_, host)| host.eq_ignore_ascii_case(http.connection_info().host()))
}

fn is_allowed(http: &HttpRequest) -> bool {
    let origin = http.headers().get(ORIGIN).and_then(|origin| origin.to_str().ok());
    let allows = |pages: &Data<Http>| {
        pages.cors_origins.iter().any(|allowed| allowed == "*" || Some(allowed.as_str()) == origin)
    };
    origin.is_some() && http.app_data().is_some_and(allows)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn pages_of_the_gateways_own_host_and_those_that_are_named_open_websockets_and_no_others() {
        let judge = |origin: Option<&str>| {
            let pages = Http { cors_origins: vec!["https://shop.example".to_owned()] };
            let request = TestRequest::default().insert_header(("host", "gateway.example:8080"));
            let request = match origin {
                Some(origin) => request.insert_header(("origin", origin)),
                None => request,
            };
            is_foreign_socket(&request.app_data(Data::new(pages)).to_http_request())
        };
        let own = ["http://gateway.example:8080", "https://GATEWAY.example:8080", "https://shop.example"];
        for own in own.map(Some).into_iter().chain([None]) {
            assert!(!judge(own), "{own:?}");
        }
        for foreign in [
            "null",
            "",
            "http://shop.example",
            "http://gateway.example",
            "http://gateway.example:80801",
            "http://evil.example",
            "http://gateway.example:8080.evil.example",
            "http://evil.example/gateway.example:8080",
        ] {
            assert!(judge(Some(foreign)), "{foreign}");
        }
    }
}
