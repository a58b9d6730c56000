//! The key that a request presents.

use actix_web::http::header::{AUTHORIZATION, HeaderMap, HeaderName};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::SecretString;
use serde_json::{Map, Value};

/// Wins over `Authorization`, which a proxy on the way may want for itself.
const X_API_KEY: HeaderName = HeaderName::from_static("x-api-key");

pub fn presented(headers: &HeaderMap) -> Option<SecretString> {
    let key = match headers.get(X_API_KEY) {
        Some(key) => key.to_str().ok()?.trim().to_owned(),
        None => authorized(headers.get(AUTHORIZATION)?.to_str().ok()?)?,
    };
    (!key.is_empty()).then(|| key.into())
}

/// In the first message of a WebSocket: what the headers would hold, or `apiKey`, in any case.
pub fn presented_in(payload: &Map<String, Value>) -> Option<SecretString> {
    let named = |wanted: &str| {
        let (_, value) = payload.iter().find(|(name, _)| name.eq_ignore_ascii_case(wanted))?;
        value.as_str()
    };
    let key = match named(X_API_KEY.as_str()).or_else(|| named("apiKey")) {
        Some(key) => key.trim().to_owned(),
        None => authorized(named("authorization")?)?,
    };
    (!key.is_empty()).then(|| key.into())
}

/// `Basic` with the key as user name and any password, encoded or, as ImageKit allows, not; or `Bearer`.
fn authorized(authorization: &str) -> Option<String> {
    let (scheme, key) = authorization.split_once(' ')?;
    let key = key.trim();
    match scheme {
        _ if scheme.eq_ignore_ascii_case("Bearer") => Some(key.to_owned()),
        _ if scheme.eq_ignore_ascii_case("Basic") => Some(user_name(key).unwrap_or_else(|| key.to_owned())),
        _ => None,
    }
}

fn user_name(encoded: &str) -> Option<String> {
    let decoded = String::from_utf8(STANDARD.decode(encoded).ok()?).ok()?;
    decoded.split_once(':').map(|(user, _)| user.to_owned())
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;
    use secrecy::ExposeSecret;
    use serde_json::json;

    use super::*;

    fn key(sent: &[(HeaderName, &'static str)]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for (name, value) in sent {
            headers.insert(name.clone(), HeaderValue::from_static(value));
        }
        presented(&headers).map(|key| key.expose_secret().to_owned())
    }

    #[test]
    fn a_key_comes_in_any_form_that_imagekit_takes() {
        // `key:`, `key:do_not_set`, and as it is.
        for form in
            ["Basic a2V5Og==", "basic a2V5OmRvX25vdF9zZXQ=", "Basic key", "Bearer key", "bearer  key "]
        {
            assert_eq!(key(&[(AUTHORIZATION, form)]).as_deref(), Some("key"), "{form}");
        }
        for none in ["", "Basic", "Basic ", "Basic Og==", "Digest key", "key"] {
            assert_eq!(key(&[(AUTHORIZATION, none)]), None, "{none}");
        }
        assert_eq!(key(&[]), None);
    }

    #[test]
    fn a_header_of_its_own_wins() {
        assert_eq!(key(&[(X_API_KEY, " key ")]).as_deref(), Some("key"));
        assert_eq!(key(&[(X_API_KEY, "key"), (AUTHORIZATION, "Bearer proxy")]).as_deref(), Some("key"));
        assert_eq!(key(&[(X_API_KEY, "")]), None);
    }

    #[test]
    fn the_first_message_of_a_websocket_may_hold_the_key() {
        let key = |payload: &Value| {
            let payload = payload.as_object().expect("an object");
            presented_in(payload).map(|key| key.expose_secret().to_owned())
        };
        for payload in [
            json!({"authorization": "Bearer key"}),
            json!({"Authorization": "Basic a2V5Og=="}),
            json!({"apiKey": " key "}),
            json!({"X-API-Key": "key", "authorization": "Bearer proxy"}),
            json!({"APIKEY": "key", "authorization": 1}),
        ] {
            assert_eq!(key(&payload).as_deref(), Some("key"), "{payload}");
        }
        for none in
            [json!({}), json!({"apiKey": ""}), json!({"apiKey": ["key"]}), json!({"authorization": "key"})]
        {
            assert_eq!(key(&none), None, "{none}");
        }
    }
}
