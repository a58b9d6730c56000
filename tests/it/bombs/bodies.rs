//! Answers that are bombs themselves: encoded, endless, slow.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{MAX_CPU, MAX_GROWTH, QUERY, gateway, jpeg, others, png};
use crate::footprint::Process;
use crate::stub::{Answer, Stub};

/// A server whose every answer is written by hand, until the client has had enough.
fn server(answer: impl Fn(&mut TcpStream) -> std::io::Result<()> + Send + Sync + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        thread::scope(|scope| {
            for stream in listener.incoming() {
                let (mut stream, answer) = (stream.unwrap(), &answer);
                scope.spawn(move || {
                    let head = BufReader::new(stream.try_clone().unwrap()).lines();
                    head.map_while(Result::ok).take_while(|line| !line.is_empty()).for_each(drop);
                    let _ = answer(&mut stream);
                });
            }
        });
    });
    address
}

/// A picture that begins well and never ends: with each pause comes another piece.
fn unending(piece: usize, pause: Duration) -> SocketAddr {
    server(move |stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")?;
        stream.write_all(&jpeg::start())?;
        loop {
            stream.write_all(&vec![0; piece])?;
            thread::sleep(pause);
        }
    })
}

fn ask(process: &Process, address: SocketAddr) -> Value {
    process.ask(QUERY, json!({"url": format!("http://{address}/a.png")}))
}

#[track_caller]
fn assert_refused(answer: &Value, code: &str) {
    let errors = answer["errors"].as_array().expect("errors");
    assert!(errors.iter().all(|error| error["extensions"]["code"] == code), "{answer}");
}

#[test]
fn an_encoded_answer_is_not_decoded() {
    let stub = Stub::start();
    let process = gateway(&[stub.address], "");
    for encoding in ["gzip", "deflate", "br", "gzip, gzip"] {
        let answer = Answer::ok(png::zeros(1 << 30)).header("content-encoding", encoding);
        stub.put("/a.png", answer);
        let (answer, spent) = process.spent_on(|| ask(&process, stub.address));
        assert_refused(&answer, "UPSTREAM_UNAVAILABLE");
        assert!(spent.growth < MAX_GROWTH && spent.cpu < MAX_CPU, "{encoding}: {spent:?}");
    }
}

#[test]
fn an_endless_answer_ends_at_the_limit() {
    let address = unending(1 << 20, Duration::ZERO);
    let mut process = gateway(&[address], "");
    let (answer, spent) = process.spent_on(|| ask(&process, address));
    println!("{spent:?}");
    assert_refused(&answer, "TOO_LARGE");
    assert!(spent.growth < MAX_GROWTH && spent.cpu < MAX_CPU, "{spent:?}");
    assert!(process.is_running());
}

/// Well before the deadline, and others need not wait for it.
#[test]
fn an_answer_that_drips_is_given_up_and_holds_up_nobody() {
    let slow = unending(10, Duration::from_millis(10));
    let stub = Stub::start();
    let process = &gateway(&[slow, stub.address], "");
    thread::scope(|scope| {
        let drip = |number| {
            let answer = process.ask(QUERY, json!({"url": format!("http://{slow}/{number}.jpg")}));
            (answer, Instant::now())
        };
        let drips: Vec<_> = (0..20).map(|number| scope.spawn(move || drip(number))).collect();
        let start = Instant::now();
        let mut answered = 0;
        while drips.iter().any(|drip| !drip.is_finished()) {
            let (path, asked) = (format!("/{answered}.png"), Instant::now());
            stub.put(&path, Answer::ok(png::picture(&[])));
            let other = process.ask(QUERY, json!({"url": stub.url(&path)}));
            assert!(other["data"]["remote"]["pHash"].is_string(), "{other}");
            assert!(asked.elapsed() < Duration::from_secs(1), "{:?}", asked.elapsed());
            answered += 1;
        }
        assert!(answered > 10, "{answered}");
        for drip in drips {
            let (answer, end) = drip.join().unwrap();
            assert_refused(&answer, "UPSTREAM_UNAVAILABLE");
            assert!(end - start < Duration::from_secs(6), "{:?}", end - start);
        }
    });
}

/// A header's reader begins anew with whatever came. Were that every piece, its time would grow with their number.
#[test]
fn an_answer_in_pieces_is_read_anew_only_now_and_then() {
    let file = others::gif_of_crumbs(500_000);
    let address = server(move |stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n")?;
        let (start, rest) = file.split_at(file.len() - 200_000);
        stream.write_all(start)?;
        for piece in rest.chunks(1_000) {
            thread::sleep(Duration::from_millis(10));
            stream.write_all(piece)?;
        }
        Ok(())
    });
    let process = gateway(&[address], "");
    let (answer, spent) = process.spent_on(|| ask(&process, address));
    assert_refused(&answer, "CORRUPT_IMAGE");
    assert!(spent.cpu < MAX_CPU / 4, "{spent:?}");
}
