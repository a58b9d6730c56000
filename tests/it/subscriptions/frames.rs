use std::io::Write;

use serde_json::json;
use tungstenite::Message;
use tungstenite::protocol::frame::Frame;
use tungstenite::protocol::frame::coding::{Data, OpCode};

use super::socket::Socket;
use crate::cli::imagraph;
use crate::footprint::Process;
use crate::gateway::{Gateway, pictures as picture_folder};

/// Bytes of a message, by default.
const MAX: u64 = 256 << 10;

fn pictures() -> Gateway {
    Gateway::over_pictures(&[])
}

/// The head of a text that is said to be so long, with its mask.
pub fn head(length: u64) -> Vec<u8> {
    [&[0x81, 0xFF][..], &length.to_be_bytes(), &[0; 4]].concat()
}

#[test]
fn a_message_that_is_too_long_is_closed_however_it_comes() {
    let gateway = pictures();
    let mut whole = Socket::ready(&gateway);
    whole.send(Message::text("x".repeat(300 << 10)));
    assert_eq!(whole.closed().0, 1009);

    let mut parts = Socket::ready(&gateway);
    for n in 0..30 {
        let kind = if n == 0 { Data::Text } else { Data::Continue };
        parts.send_frame(Frame::message("x".repeat(10 << 10), OpCode::Data(kind), false));
    }
    assert_eq!(parts.closed().0, 1009);

    let mut fits = Socket::ready(&gateway);
    let padded = format!("{{\"type\":\"ping\"{}}}", " ".repeat(200 << 10));
    let (first, last) = padded.split_at(100 << 10);
    fits.send_frame(Frame::message(first.to_owned(), OpCode::Data(Data::Text), false));
    fits.send_frame(Frame::message(last.to_owned(), OpCode::Data(Data::Continue), true));
    assert_eq!(fits.hear(), json!({"type": "pong"}));
}

#[test]
fn a_frame_that_says_it_is_too_long_is_closed_before_any_of_it_has_come() {
    let gateway = pictures();
    for length in [MAX + 1, 1 << 32, 1 << 62, u64::MAX] {
        for mut socket in [Socket::open(&gateway), Socket::ready(&gateway)] {
            socket.0.get_mut().write_all(&head(length)).unwrap();
            assert_eq!(socket.closed(), (1009, "Message too big".to_owned()), "{length}");
        }
    }
}

#[test]
fn what_follows_such_a_head_is_not_kept() {
    let gateway = Process::serve(imagraph().args(["serve", "--library"]).arg(picture_folder()));
    let mut socket = Socket::to(gateway.address(), &[]);
    socket.say(json!({"type": "connection_init"}));
    assert_eq!(socket.hear()["type"], "connection_ack");
    let ((), spent) = gateway.spent_on(|| {
        let stream = socket.0.get_mut();
        stream.write_all(&head(1 << 62)).unwrap();
        let piece = [0; 64 << 10];
        // It need not be taken either.
        let _ = (0..1_024).try_for_each(|_| stream.write_all(&piece));
    });
    assert!(spent.growth < 8 << 20, "{spent:?}");
}

/// What clients are told of frames that say nothing is not kept.
#[test]
fn frames_of_six_bytes_take_little_more_than_their_bytes() {
    const SOCKETS: usize = 20;
    let gateway = Process::serve(imagraph().args(["serve", "--library"]).arg(picture_folder()));
    let mut sockets: Vec<_> = (0..SOCKETS).map(|_| Socket::to(gateway.address(), &[])).collect();
    for socket in &mut sockets {
        socket.say(json!({"type": "connection_init"}));
        assert_eq!(socket.hear()["type"], "connection_ack");
    }
    let pongs = [0x8A, 0x80, 0, 0, 0, 0].repeat(20_000);
    let ((), spent) = gateway.spent_on(|| {
        for socket in &mut sockets {
            socket.0.get_mut().write_all(&pongs).unwrap();
        }
        let answer = gateway.ask("{ __typename }", json!({}));
        assert_eq!(answer["data"]["__typename"], "Query");
    });
    assert!(spent.growth < (8 << 20), "{spent:?}");
}

#[test]
fn fragments_of_a_byte_are_closed_before_they_are_many() {
    let gateway = pictures();
    let mut socket = Socket::ready(&gateway);
    socket.send_frame(Frame::message(" ", OpCode::Data(Data::Text), false));
    for _ in 0..=MAX / 256 {
        socket.send_frame(Frame::message(" ", OpCode::Data(Data::Continue), false));
    }
    assert_eq!(socket.closed().0, 1009);
}

#[test]
fn frames_that_are_none_are_closed() {
    let gateway = pictures();
    let mut continued = Socket::ready(&gateway);
    continued.send_frame(Frame::message("x", OpCode::Data(Data::Continue), true));
    assert_eq!(continued.closed().0, 1002);
    let mut not_utf8 = Socket::ready(&gateway);
    not_utf8.send_frame(Frame::message(vec![0xFF], OpCode::Data(Data::Text), true));
    assert_eq!(not_utf8.closed().0, 1007);
}
