use async_graphql::{PathSegment, Response, ServerError};
use serde_json::json;

use super::*;

const INIT: &str = r#"{"type":"connection_init"}"#;

fn initialised() -> Connection {
    let mut connection = Connection::new(2);
    assert!(matches!(connection.hear(INIT), Some(Action::Identify(_))));
    connection
}

fn subscribe(id: &str) -> String {
    json!({"type": "subscribe", "id": id, "payload": {"query": "{ a }"}}).to_string()
}

fn closed(action: Option<Action>) -> (u16, String) {
    match action {
        Some(Action::Close(close)) => (close.code(), close.reason()),
        other => panic!("{other:?}"),
    }
}

fn said(message: &Message) -> Value {
    serde_json::to_value(message).unwrap()
}

fn run(connection: &mut Connection, id: &str) -> (Id, AbortRegistration) {
    match connection.hear(&subscribe(id)) {
        Some(Action::Run(id, asked, registration)) => {
            assert_eq!(asked.query.as_deref(), Some("{ a }"));
            (id, registration)
        }
        other => panic!("{other:?}"),
    }
}

fn answer(errors: Vec<ServerError>) -> Part {
    Part::Answer(Box::new(Answer::of(Response::from_errors(errors), Default::default())))
}

#[test]
fn what_is_no_message_of_the_protocol_closes_with_4400() {
    for text in [
        "",
        "{",
        "null",
        "[]",
        "1",
        "{}",
        "\u{feff}{}",
        r#"{"type":1}"#,
        r#"{"type":"start"}"#,
        r#"{"type":"connection_ack"}"#,
        r#"{"type":"next","id":"1","payload":{}}"#,
        r#"{"type":"connection_init","payload":1}"#,
        r#"{"type":"connection_init","payload":[]}"#,
        r#"{"type":"subscribe"}"#,
        r#"{"type":"subscribe","id":"1"}"#,
        r#"{"type":"subscribe","payload":{"query":"{a}"}}"#,
        r#"{"type":"subscribe","id":1,"payload":{"query":"{a}"}}"#,
        r#"{"type":"subscribe","id":"1","payload":null}"#,
        r#"{"type":"subscribe","id":"1","payload":"{a}"}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":1}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","query":"{b}"}}"#,
        r#"{"type":"subscribe","id":"1","payload":{"query":"{a}","variables":[1]}}"#,
        r#"{"type":"subscribe","id":"","payload":{"query":"{a}"}}"#,
        r#"{"type":"complete"}"#,
        r#"{"type":"complete","id":1}"#,
    ] {
        let (code, reason) = closed(initialised().hear(text));
        assert_eq!(code, 4400, "{text}");
        assert!(["Invalid message", "Invalid id"].contains(&&*reason), "{text}: {reason}");
    }
    assert_eq!(closed(initialised().hear(&subscribe(&"x".repeat(65)))).0, 4400);
    let many = format!(r#"{{"type":"connection_init","payload":{{"a":[{}1]}}}}"#, "1,".repeat(60_000));
    assert_eq!(closed(Connection::new(1).hear(&many)).0, 4400);
    let deep = format!(r#"{{"type":"connection_init","payload":{{"a":{}"#, "[".repeat(100_000));
    assert_eq!(closed(Connection::new(1).hear(&deep)).0, 4400);
}

#[test]
fn a_connection_is_initialised_once_and_before_anything_else() {
    let mut connection = Connection::new(1);
    assert_eq!(connection.overdue().code(), 4408);
    let early = closed(connection.hear(&subscribe("1")));
    assert_eq!(early, (4401, "Unauthorized".to_owned()));
    let payload = r#"{"type":"connection_init","payload":{"a":1}}"#;
    let Some(Action::Identify(payload)) = connection.hear(payload) else { panic!("not identified") };
    assert_eq!(payload["a"], 1);
    assert_eq!(connection.overdue().code(), 1001);
    let again = closed(connection.hear(INIT));
    assert_eq!(again, (4429, "Too many initialisation requests".to_owned()));
}

#[test]
fn pings_are_answered_and_pongs_are_not_before_and_after_init() {
    for mut connection in [Connection::new(1), initialised()] {
        for ping in [r#"{"type":"ping"}"#, r#"{"type":"ping","payload":{"canary":1}}"#] {
            let Some(Action::Say(pong)) = connection.hear(ping) else { panic!("no pong") };
            assert_eq!(said(&pong), json!({"type": "pong"}));
        }
        assert!(connection.hear(r#"{"type":"pong","payload":null}"#).is_none());
    }
}

#[test]
fn an_id_is_taken_until_its_operation_has_ended() {
    let mut connection = initialised();
    for end in [Part::End, answer(vec![ServerError::new("no", None)])] {
        let (id, _) = run(&mut connection, "a");
        let taken = closed(connection.hear(&subscribe("a")));
        assert_eq!(taken, (4409, "Subscriber for a already exists".to_owned()));
        connection.tell(id, end);
    }
    run(&mut connection, "a");
    assert!(connection.hear(r#"{"type":"complete","id":"a"}"#).is_none());
    run(&mut connection, "a");
}

#[test]
fn what_is_told_are_parts_and_an_end_or_an_error_and_nothing_more() {
    let mut connection = initialised();
    let (id, registration) = run(&mut connection, "a");
    let next = connection.tell(id.clone(), answer(Vec::new()));
    assert_eq!(said(&next), json!({"type": "next", "id": "a", "payload": {"data": null}}));
    let failed = ServerError::new("no", None).with_path(vec![PathSegment::Field("a".to_owned())]);
    let partial = connection.tell(id.clone(), answer(vec![failed]));
    assert_eq!(said(&partial)["type"], "next");
    assert!(!registration.handle().is_aborted());
    let end = connection.tell(id, Part::End);
    assert_eq!(said(&end), json!({"type": "complete", "id": "a"}));

    let (id, registration) = run(&mut connection, "b");
    let error = connection.tell(id, answer(vec![ServerError::new("no", None)]));
    assert_eq!(said(&error), json!({"type": "error", "id": "b", "payload": [{"message": "no"}]}));
    assert!(registration.handle().is_aborted(), "nothing follows an error");

    let (id, registration) = run(&mut connection, "c");
    let error = said(&connection.refuse(id, &Error::Internal));
    assert_eq!(error["payload"][0]["extensions"]["code"], "INTERNAL");
    assert!(registration.handle().is_aborted());
}

#[test]
fn what_the_client_completes_is_aborted_and_what_it_never_began_is_not_missed() {
    let mut connection = initialised();
    let (_, registration) = run(&mut connection, "a");
    assert!(connection.hear(r#"{"type":"complete","id":"b"}"#).is_none());
    assert!(!registration.handle().is_aborted());
    assert!(connection.hear(r#"{"type":"complete","id":"a"}"#).is_none());
    assert!(registration.handle().is_aborted());
}

#[test]
fn one_operation_too_many_is_an_error_of_its_own() {
    let mut connection = initialised();
    run(&mut connection, "a");
    run(&mut connection, "b");
    let Some(Action::Say(error)) = connection.hear(&subscribe("c")) else { panic!("no error") };
    let error = said(&error);
    assert_eq!((&error["type"], &error["id"]), (&json!("error"), &json!("c")));
    assert_eq!(error["payload"][0]["extensions"]["code"], "QUERY_TOO_COSTLY");
    connection.hear(r#"{"type":"complete","id":"a"}"#);
    run(&mut connection, "c");
}

#[test]
fn what_runs_is_finished_before_a_connection_has_ended() {
    let mut connection = initialised();
    let (id, _) = run(&mut connection, "a");
    assert!(!connection.has_ended());
    connection.end();
    assert!(connection.hear(&subscribe("b")).is_none());
    assert!(!connection.has_ended());
    connection.tell(id, Part::End);
    assert!(connection.has_ended());
}

#[test]
fn who_says_nothing_between_two_looks_does_not_live() {
    let mut connection = Connection::new(1);
    assert!(connection.lives());
    assert!(!connection.lives());
    connection.hear(r#"{"type":"pong"}"#);
    assert!(connection.lives());
    connection.notice();
    assert!(connection.lives());
    assert!(!connection.lives());
}

#[test]
fn every_reason_fits_into_a_closing_frame() {
    let id = Id::from("x".repeat(MAX_ID));
    for close in [Close::Exists(id), Close::TooLate, Close::TooManyInits] {
        assert!(close.reason().len() <= 123, "{close:?}");
    }
}
