//! What a URL may reach, asked of a real process whose environment has proxies: forbidden addresses see no connection,
//! however they are spelled and whoever leads there.

use std::io::{Read, Write};
use std::net::{IpAddr, TcpListener, UdpSocket};
use std::sync::{LazyLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::canary::Canary;
use crate::cli::imagraph;
use crate::footprint::Process;
use crate::stub::{Answer, Stub};

/// This machine, in ways that a URL can name it: numbers (WHATWG URL, 3.5), names, addresses within addresses.
const SPELLINGS: &str = "127.0.0.1 2130706433 0x7f000001 0x7F.0.0.1 0x7f.1 017700000001 0177.0.0.1 0177.1 127.1 127.0.1 \
     127.0x1 127.0.0.1. 127.0.0.01 127.255.255.254 0 0.0.0.0 0x0 00 \
     [::1] [::] [0:0:0:0:0:0:0:1] [0000::0001] [::127.0.0.1] [::7f00:1] [::ffff:127.0.0.1] [::ffff:7f00:1] \
     [::ffff:0:127.0.0.1] [64:ff9b::127.0.0.1] [64:ff9b:1::7f00:1] [2002:7f00:1::] [2002:7f00:1::7f00:1] \
     [2001:0:0:0:0:0:80ff:fffe] [fe80::5efe:127.0.0.1] [::ffff:0.0.0.0] \
     localhost LOCALHOST localhost. localhost.. a.localhost A.LocalHost. %6c%6f%63alhost %31%32%37.0.0.1 127%2e0%2e0%2e1 \
     ｌｏｃａｌｈｏｓｔ １２７.0.0.1 127。0。0。1 127．0．0．1 ⑫⑦.0.0.1 loc\u{ad}alhost ⓛocalhost \u{1d4c1}ocalhost";

/// What is no host, or holds more than one.
const NONSENSE: &str = "user@127.0.0.1 user:pass@127.0.0.1 8.8.8.8@127.0.0.1 :@127.0.0.1 8.8.8.8%40127.0.0.1 \
     127.0.0.1%00.example.com 127.0.0.1%2f.example.com [127.0.0.1] [::1%25lo] [::1 127.0.0.1.0 0x7f.0.0.0x100 \
     999999999999 -1 127.0.0.1_ [::ffff:127.0.0.256]";

const QUERY: &str = "query($url: Url!) { remote(url: $url) { width pHash } }";

/// A gateway with every proxy variable set to a canary.
fn gateway(allowed: &[String]) -> (Process, Canary) {
    let proxy = Canary::listen("127.0.0.1:0");
    let mut command = imagraph();
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"] {
        let url = format!("http://{}", proxy.address());
        command.env(name, &url).env(name.to_lowercase(), url);
    }
    command.env_remove("NO_PROXY").env_remove("no_proxy").env("IMAGRAPH_ALLOW_HOSTS", allowed.join(","));
    (Process::serve(command.arg("serve")), proxy)
}

/// The only error of an answer without data.
#[track_caller]
fn refusal(answer: &Value) -> (String, String) {
    assert!(answer["data"]["remote"].is_null(), "{answer}");
    let errors = answer["errors"].as_array().expect("errors");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    assert_eq!(errors.len(), 1, "{answer}");
    (text(&errors[0]["extensions"]["code"]), text(&errors[0]["message"]))
}

fn ask(gateway: &Process, url: &str) -> Value {
    gateway.ask(QUERY, json!({"url": url}))
}

/// That of the interface by which this machine would reach another, if it has one. Nothing is sent.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.255:9").ok()?;
    Some(socket.local_addr().ok()?.ip())
}

/// On every address of this machine and the one port that URLs need not name: there, nothing but the address is in a
/// connection's way. Only where this user may listen there and nobody else does.
fn web_canary() -> Option<&'static Canary> {
    static CANARY: LazyLock<Option<Canary>> = LazyLock::new(|| Canary::try_listen("[::]:80").ok());
    CANARY.as_ref()
}

/// On every address of this machine, and on some alone.
fn canaries() -> Vec<Canary> {
    let own = own_address().map(|ip| format!("{ip}:0"));
    let fixed = ["127.0.0.1:0", "[::1]:0", "0.0.0.0:0", "[::]:0"].map(str::to_owned);
    fixed.into_iter().chain(own).map(|address| Canary::listen(&address)).collect()
}

#[test]
fn a_canary_sees_who_is_let_through() {
    let canary = Canary::listen("127.0.0.1:0");
    let (gateway, proxy) = gateway(&[canary.address().to_string()]);
    let seen = thread::scope(|scope| {
        let asking = scope.spawn(|| ask(&gateway, &format!("http://{}/", canary.address())));
        let mut seen = 0;
        while !asking.is_finished() {
            seen += canary.connections();
            thread::yield_now();
        }
        seen
    });
    assert!(seen > 0, "nobody was let through");
    proxy.assert_untouched();
}

#[test]
fn no_spelling_of_this_machine_is_connected_to() {
    let (gateway, proxy) = gateway(&[]);
    let canaries = canaries();
    let own = own_address().map(|ip| ip.to_string());
    for host in SPELLINGS.split_whitespace().chain(own.as_deref()) {
        for canary in &canaries {
            for scheme in ["http", "https"] {
                let (code, text) = refusal(&ask(&gateway, &format!("{scheme}://{host}:{}/", canary.port())));
                assert_eq!(code, "URL_NOT_ALLOWED", "{host}");
                assert_eq!(text, "the address of this URL is not allowed", "{host}");
            }
        }
        assert_eq!(refusal(&ask(&gateway, &format!("http://{host}/"))).0, "URL_NOT_ALLOWED", "{host}");
    }
    canaries.iter().chain([&proxy]).chain(web_canary()).for_each(Canary::assert_untouched);
}

#[test]
fn what_is_no_host_is_a_bad_url_and_connected_to_neither() {
    let (gateway, proxy) = gateway(&[]);
    let canaries = canaries();
    for host in NONSENSE.split_whitespace() {
        for canary in &canaries {
            let (code, _) = refusal(&ask(&gateway, &format!("http://{host}:{}/", canary.port())));
            assert!(matches!(&code[..], "BAD_URL" | "URL_NOT_ALLOWED"), "{host}: {code}");
        }
    }
    canaries.iter().chain([&proxy]).for_each(Canary::assert_untouched);
}

#[test]
fn no_redirect_leads_to_this_machine() {
    let (stub, canary) = (Stub::start(), Canary::listen("0.0.0.0:0"));
    let (gateway, proxy) = gateway(&[stub.address.to_string()]);
    let mut asked = 0;
    for (number, host) in SPELLINGS.split_whitespace().enumerate() {
        for (status, hops) in [(301, 1), (302, 2), (303, 3), (307, 1), (308, 2)] {
            for port in [80, canary.port()] {
                let path = |hop| format!("/{number}/{status}/{port}/{hop}");
                for hop in 1..=hops {
                    let to =
                        if hop < hops { stub.url(&path(hop + 1)) } else { format!("http://{host}:{port}/") };
                    stub.put(&path(hop), Answer::status(status, "elsewhere").header("location", &to));
                }
                let (code, text) = refusal(&ask(&gateway, &stub.url(&path(1))));
                assert_eq!(code, "URL_NOT_ALLOWED", "{host}");
                assert_eq!(text, "the address of this URL is not allowed", "{host}");
                asked += hops;
            }
        }
    }
    assert_eq!(stub.asked().len(), asked);
    [&canary, &proxy].into_iter().chain(web_canary()).for_each(Canary::assert_untouched);
}

/// A server that takes down the head of every request.
fn listening() -> (String, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (heads, taken) = mpsc::channel();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let (mut stream, mut head) = (stream.unwrap(), Vec::new());
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                head.extend(byte);
            }
            heads.send(String::from_utf8(head).unwrap()).unwrap();
            stream
                .write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                .unwrap();
        }
    });
    (address, taken)
}

/// Whatever the first host sets and whoever asks: the second is told what anybody would tell it.
#[test]
fn a_redirect_carries_nothing_along() {
    let (stub, (other, heads)) = (Stub::start(), listening());
    let (gateway, _proxy) = gateway(&[stub.address.to_string(), other.clone()]);
    let answer = Answer::status(302, "")
        .header("location", &format!("http://{other}/there"))
        .header("set-cookie", "session=1")
        .header("www-authenticate", "Basic")
        .header("etag", "\"one\"");
    stub.put("/here?signature=secret", answer);
    assert_eq!(refusal(&ask(&gateway, &stub.url("/here?signature=secret"))).0, "NOT_FOUND");
    let head = heads.recv().unwrap();
    assert!(head.starts_with("GET /there HTTP/1.1\r\n") && !head.contains("secret"), "{head}");
    let mut names: Vec<_> = head.lines().skip(1).filter_map(|line| Some(line.split_once(':')?.0)).collect();
    names.sort_unstable();
    assert_eq!(names, ["accept", "accept-encoding", "host", "user-agent"], "{head}");
}

/// With these settings of `[remote]`, in a file.
fn gateway_with(remote: &str) -> Process {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, format!("[remote]\n{remote}")).unwrap();
    Process::serve(imagraph().arg("serve").arg("--config").arg(file.path()))
}

#[test]
fn an_allowed_network_is_reached_on_the_ports_that_are_set_and_its_neighbours_are_not() {
    let stub = Stub::start();
    let port = stub.address.port();
    let gateway = gateway_with(&format!("allow_networks = [\"127.0.0.0/31\"]\nports = [{port}]\n"));
    let picture = std::fs::read(crate::gateway::pictures().join("png/rgb.png")).unwrap();
    stub.put("/a.png", Answer::ok(picture));
    assert_eq!(ask(&gateway, &stub.url("/a.png"))["data"]["remote"]["width"], 72);
    let asked = stub.asked().len();
    let neighbour = Canary::listen(&format!("127.0.0.2:{port}"));
    let other_port = Canary::listen("127.0.0.1:0");
    stub.put("/b", Answer::status(302, "").header("location", &format!("http://127.0.0.2:{port}/")));
    for url in [
        format!("http://127.0.0.2:{port}/"),
        format!("http://[::1]:{port}/"),
        format!("http://localhost:{port}/"),
        format!("http://127.0.0.1:{}/", other_port.port()),
        "http://127.0.0.1/".to_owned(),
        "http://8.8.8.8/".to_owned(),
        stub.url("/b"),
    ] {
        assert_eq!(refusal(&ask(&gateway, &url)).0, "URL_NOT_ALLOWED", "{url}");
    }
    [&neighbour, &other_port].into_iter().for_each(Canary::assert_untouched);
    assert_eq!(stub.asked().len(), asked + 1, "but for the redirect");
}

/// Neither the text nor the time tells whether something listens there.
#[test]
fn an_open_port_and_a_closed_one_are_refused_alike() {
    const ROUNDS: usize = 41;
    let (gateway, _proxy) = gateway(&[]);
    let open = Canary::listen("127.0.0.1:0");
    let closed = Canary::listen("127.0.0.1:0").port();
    let mut times = [Vec::new(), Vec::new()];
    let mut answers = Vec::new();
    for round in 0..ROUNDS {
        for (port, times) in [open.port(), closed].iter().zip(&mut times) {
            let start = Instant::now();
            // Different URLs, so that no answer comes from the cache.
            answers.push(refusal(&ask(&gateway, &format!("http://127.0.0.1:{port}/{round}"))));
            times.push(start.elapsed());
        }
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
    open.assert_untouched();
    let [open, closed] = times.map(|mut times| {
        times.sort_unstable();
        times[ROUNDS / 2]
    });
    assert!(open.abs_diff(closed) < Duration::from_millis(5) + open / 2, "{open:?} and {closed:?}");
}
