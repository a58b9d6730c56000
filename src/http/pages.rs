//! Which pages may ask: those of the gateway itself, and those of the origins that the settings name.
//!
//! Whoever is not a browser names no origin, and is held back by keys or not at all.

use std::net::{IpAddr, SocketAddr};

use actix_cors::Cors;
use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{
    AUTHORIZATION, CONTENT_TYPE, ETAG, HOST, HeaderMap, HeaderName, ORIGIN, RETRY_AFTER,
};
use actix_web::http::uri::Authority;
use actix_web::middleware::Next;
use actix_web::web::Data;
use actix_web::{Error as ActixError, HttpRequest};

use super::graphql::PREFLIGHT;
use super::imagekit::X_WITHHELD;
use super::refuse;
use crate::config::Config;
use crate::error::{Error, HttpFault, Result};
use crate::source::engine::address::is_localhost;

/// Seconds for which a browser does not ask again whether it may. Two hours are all that Chromium takes.
const PREFLIGHT_AGE: usize = 7_200;
/// Who sent a request, as browsers say to whom they trust the connection, and as no page can say.
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whose pages may ask, and under which names.
pub struct Pages {
    /// As browsers write them, or `*`.
    origins: Vec<String>,
    /// Whoever asks has a key, or may ask from anywhere.
    any_host: bool,
}

impl Pages {
    pub fn new(config: &Config) -> Self {
        let origins = config.http.cors_origins.clone();
        let any_host = config.is_for_others() || origins.iter().any(|origin| origin == "*");
        Self { origins, any_host }
    }

    /// Pages of other origins may ask.
    pub fn lets_in_others(&self) -> bool {
        !self.origins.is_empty()
    }

    /// Never with credentials: keys are sent by the page, which has to know them.
    pub fn cors(&self) -> Cors {
        let cors = Cors::default()
            .allowed_methods(["GET", "POST"])
            .allowed_headers([AUTHORIZATION, CONTENT_TYPE])
            .allowed_header("X-API-Key")
            .allowed_headers(PREFLIGHT)
            .expose_headers([ETAG, RETRY_AFTER, X_WITHHELD])
            .max_age(PREFLIGHT_AGE);
        self.origins.iter().fold(cors, |cors, origin| match origin.as_str() {
            "*" => cors.allow_any_origin().send_wildcard(),
            origin => cors.allowed_origin(origin),
        })
    }

    fn judge(&self, http: &HttpRequest) -> Result<(), HttpFault> {
        match http.path() {
            path if path.starts_with("/health/") => Ok(()),
            _ if !self.is_known(asked_host(http)) => Err(HttpFault::OtherHost),
            // Other sites may link to the page, which does nothing by itself.
            "/" => Ok(()),
            _ if self.is_foreign(http) => Err(HttpFault::CrossSite),
            _ => Ok(()),
        }
    }

    /// Whether the gateway is asked under this name. A page whose name was made to lead to this machine (DNS rebinding) is
    /// of the gateway's own origin for the browser, and has but that name to be known by. HTTP/1.0 needs none; browsers
    /// always name one.
    fn is_known(&self, host: Option<&str>) -> bool {
        host.is_none_or(|host| self.any_host || is_own_machine(host) || self.names(host))
    }

    fn names(&self, host: &str) -> bool {
        self.origins.iter().any(|origin| is_of_host(origin, host))
    }

    /// Whether a page of another origin had this sent: a script, a picture, a link, a form, a WebSocket. Where the browser
    /// does not say so, over plain HTTP to another machine, it still names the page's origin but for links and pictures.
    fn is_foreign(&self, http: &HttpRequest) -> bool {
        let origin = text(http.headers(), &ORIGIN);
        let is_foreign = match text(http.headers(), &SITE) {
            // Of the origin that the browser knows, which a proxy may have replaced.
            Some("same-origin") => false,
            Some("cross-site" | "same-site") => true,
            _ => origin.is_some_and(|origin| !is_of_host(origin, http.connection_info().host())),
        };
        is_foreign && !origin.is_some_and(|origin| self.allows(origin))
    }

    fn allows(&self, origin: &str) -> bool {
        self.origins.iter().any(|allowed| allowed == "*" || allowed == origin)
    }
}

/// Refuses what pages send that may not ask.
pub async fn check<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, ActixError> {
    let pages = request.app_data::<Data<Pages>>();
    let judged =
        pages.map_or(Err(Error::Internal), |pages| pages.judge(request.request()).map_err(Error::BadHttp));
    match judged {
        Ok(()) => next.call(request).await.map(ServiceResponse::map_into_left_body),
        Err(error) => {
            let refusal = refuse(request.request(), &error);
            Ok(request.into_response(refusal).map_into_right_body())
        }
    }
}

/// The host that a request is for, and its port. One in its target wins: RFC 9112, 3.2.2.
fn asked_host(http: &HttpRequest) -> Option<&str> {
    let target = http.uri().authority().map(Authority::as_str);
    target.or_else(|| text(http.headers(), &HOST))
}

/// No name that others could make lead here. An address and a port, which most who ask a machine of their own say, are told
/// without a copy.
fn is_own_machine(host: &str) -> bool {
    host.parse::<SocketAddr>().is_ok()
        || host.parse::<Authority>().is_ok_and(|host| {
            let name = host.host().trim_end_matches('.').to_ascii_lowercase();
            let address = name.trim_start_matches('[').trim_end_matches(']');
            is_localhost(&name) || address.parse::<IpAddr>().is_ok()
        })
}

/// Whatever the scheme: something in front may speak TLS.
fn is_of_host(origin: &str, host: &str) -> bool {
    origin.split_once("://").is_some_and(|(_, of)| of.eq_ignore_ascii_case(host))
}

/// What is not text is nobody's name, and no word of a browser.
fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn is_foreign(headers: &[(&str, &str)]) -> bool {
        let pages = Pages { origins: vec!["https://shop.example".to_owned()], any_host: false };
        let request = TestRequest::default().insert_header(("host", "gateway.example:8080"));
        let request = headers.iter().fold(request, |request, header| request.insert_header(*header));
        pages.is_foreign(&request.to_http_request())
    }

    #[test]
    fn pages_of_the_gateways_own_host_and_those_that_are_named_may_ask_and_no_others() {
        for own in ["http://gateway.example:8080", "https://GATEWAY.example:8080", "https://shop.example"] {
            assert!(!is_foreign(&[("origin", own)]), "{own}");
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
            assert!(is_foreign(&[("origin", foreign)]), "{foreign}");
        }
    }

    #[test]
    fn what_the_browser_says_of_the_site_wins() {
        let (own, other) = (("origin", "http://gateway.example:8080"), ("origin", "https://other.example"));
        assert!(!is_foreign(&[]) && !is_foreign(&[("sec-fetch-site", "none")]));
        assert!(!is_foreign(&[("sec-fetch-site", "same-origin"), other]), "behind a proxy of that name");
        assert!(is_foreign(&[("sec-fetch-site", "cross-site"), own]), "led here by another");
        assert!(is_foreign(&[("sec-fetch-site", "none"), other]));
        assert!(!is_foreign(&[("x-forwarded-host", "other.example"), other]), "behind a proxy that says so");
        assert!(!is_foreign(&[("sec-fetch-site", "cross-site"), ("origin", "https://shop.example")]));
    }
}
