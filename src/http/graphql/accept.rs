//! In which media type an answer goes back.

use actix_web::http::header::{Accept, Quality, QualityItem};
use actix_web::mime::Mime;
use actix_web::{HttpMessage, HttpRequest};

use crate::error::{Error, HttpFault, Result};

/// The media types of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// `application/json`: what clients of before the specification understand.
    Json,
    /// `application/graphql-response+json`: its status says whether the request was run.
    GraphqlResponse,
    /// `text/event-stream`: an answer that may come in parts.
    Events,
}

impl MediaType {
    /// The one that is accepted most. Of two alike it is the newer one for those who name it, for others the older one.
    /// Events are for those who name them and accept no other as much.
    pub fn accepted(http: &HttpRequest) -> Result<Self> {
        let ranges = http.get_header::<Accept>().map(|accept| accept.0).unwrap_or_default();
        if ranges.is_empty() {
            return Ok(Self::Json);
        }
        let older = preference(&ranges, "application/json");
        let newer = preference(&ranges, "application/graphql-response+json");
        let wants_newer = if newer.named { newer >= older } else { newer > older };
        let events = preference(&ranges, "text/event-stream");
        let wants_events = events.named && events > older.max(newer);
        let best = if wants_events { events } else { older.max(newer) };
        match best.quality {
            Quality::ZERO => Err(Error::BadHttp(HttpFault::NotAcceptable)),
            _ if wants_events => Ok(Self::Events),
            _ if wants_newer => Ok(Self::GraphqlResponse),
            _ => Ok(Self::Json),
        }
    }

    /// That of a refusal, which has a status of its own and is no event.
    pub fn of_refusal(http: &HttpRequest) -> Self {
        Self::accepted(http).ok().filter(|accepted| *accepted != Self::Events).unwrap_or(Self::Json)
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json; charset=utf-8",
            Self::GraphqlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Events => "text/event-stream; charset=utf-8",
        }
    }
}

/// How much a media type is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Preference {
    quality: Quality,
    /// Not as one of many.
    named: bool,
}

/// RFC 9110 section 12.5.1: the most specific range that a media type is in holds for it.
fn preference(ranges: &[QualityItem<Mime>], media_type: &str) -> Preference {
    let range = |name: &str| ranges.iter().find(|range| range.item.essence_str() == name);
    let named = range(media_type);
    let best = named.or_else(|| range("application/*")).or_else(|| range("*/*"));
    Preference { quality: best.map_or(Quality::ZERO, |range| range.quality), named: named.is_some() }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn the_media_type_is_the_one_that_is_accepted_most() {
        use MediaType::{Events, GraphqlResponse, Json};
        for (accept, expected) in [
            ("", Some(Json)),
            ("*/*", Some(Json)),
            ("application/*", Some(Json)),
            ("APPLICATION/JSON", Some(Json)),
            ("application/json;charset=utf-8", Some(Json)),
            ("application/graphql-response+json", Some(GraphqlResponse)),
            ("application/json, application/graphql-response+json", Some(GraphqlResponse)),
            ("application/graphql-response+json, application/json;q=0.9", Some(GraphqlResponse)),
            ("application/graphql-response+json;q=0.8, application/json", Some(Json)),
            ("application/graphql-response+json, */*", Some(GraphqlResponse)),
            ("application/graphql-response+json;q=0.5, */*;q=0.8", Some(Json)),
            ("application/json;q=0, */*", Some(GraphqlResponse)),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Some(Json)),
            ("application/json;q=0", None),
            ("application/json;q=0, application/*;q=0", None),
            ("text/html", None),
            ("image/*, text/*;q=0.1", None),
            ("text/event-stream", Some(Events)),
            ("TEXT/EVENT-STREAM, */*", Some(Events)),
            ("text/event-stream, multipart/mixed", Some(Events)),
            ("text/event-stream, application/json;q=0.5", Some(Events)),
            ("text/event-stream, application/json", Some(Json)),
            ("application/graphql-response+json, application/json, text/event-stream", Some(GraphqlResponse)),
            ("text/event-stream;q=0.5, */*", Some(Json)),
            ("text/event-stream;q=0", None),
            ("text/event-streams", None),
        ] {
            let http = TestRequest::default().insert_header(("accept", accept)).to_http_request();
            assert_eq!(MediaType::accepted(&http).ok(), expected, "{accept}");
        }
        assert_eq!(MediaType::accepted(&TestRequest::default().to_http_request()), Ok(Json));
    }
}
