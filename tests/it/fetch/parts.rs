//! Servers that answer ranges, rightly or not.

use super::*;

const FILE: usize = 300_000;

/// A server with a file, a tag and ranges, as most are.
async fn proper(file: &[u8]) -> Server {
    let file = file.to_vec();
    Server::start(move |request| Reply::part_of(&file, request, "etag: \"one\"")).await
}

fn ranges(server: &Server) -> Vec<String> {
    server.requests().iter().map(|request| request.header("range").unwrap_or("none").to_owned()).collect()
}

#[tokio::test]
async fn fetches_what_is_needed_and_then_the_rest() {
    let file = pattern(FILE);
    let server = proper(&file).await;
    let mut remote = open(&server, Extent::FirstBytes).await.unwrap();
    assert_eq!(remote.known().size(), Some(FILE as u64));
    assert_same(remote.known().prefix(), &file[..65_536]);

    remote.fill(10..20).await.unwrap();
    remote.fill(299_000..299_010).await.unwrap();
    assert_same(bytes(&remote, 299_000..299_010).unwrap(), &file[299_000..299_010]);
    remote.fill(65_536..65_540).await.unwrap();
    assert_same(remote.known().prefix(), &file[..262_144]);
    remote.read_all().await.unwrap();
    assert_same(remote.known().prefix(), &file);

    let asked = ["bytes=0-65535", "bytes=282624-299999", "bytes=65536-262143", "bytes=262144-299999"];
    assert_eq!(ranges(&server), asked);
    assert_eq!(remote.fetched_bytes(), (FILE + 17_376) as u64);
}

#[tokio::test]
async fn asks_for_identity_in_its_own_name_and_for_the_same_version() {
    let server = proper(&pattern(FILE)).await;
    let mut remote = open(&server, Extent::FirstBytes).await.unwrap();
    remote.fill(65_536..65_537).await.unwrap();
    let requests = server.requests();
    assert_eq!(requests[0].header("accept-encoding"), Some("identity"));
    assert_eq!(requests[0].header("user-agent"), Some(concat!("imagraph/", env!("CARGO_PKG_VERSION"))));
    assert_eq!(requests[0].header("if-range"), None);
    assert_eq!(requests[1].header("if-range"), Some("\"one\""));
}

#[tokio::test]
async fn a_small_file_is_known_whole_at_once() {
    let server = proper(&pattern(100)).await;
    let mut remote = open(&server, Extent::FirstBytes).await.unwrap();
    remote.read_all().await.unwrap();
    assert_eq!(remote.known().prefix().len(), 100);
    remote.fill(90..200).await.unwrap();
    remote.fill(1000..2000).await.unwrap();
    assert_eq!(bytes(&remote, 90..200), Err(Gap::End));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_part_that_was_not_asked_for_is_refused() {
    let lies = [
        "content-range: bytes 1-10/300000\ncontent-length: 10",
        "content-range: bytes 0-65536/300000\ncontent-length: 65537",
        "content-range: bytes 0-9/9\ncontent-length: 10",
        "content-range: bytes 0-9\ncontent-length: 10",
        "content-range: bytes 0-8/300000\ncontent-length: 10",
        "content-range: bytes 0-10/300000\ncontent-length: 10",
        "content-type: multipart/byteranges; boundary=b\ncontent-length: 10",
    ];
    for lie in lies {
        let server =
            always(Reply::new(&format!("206 Partial Content\n{lie}"), &pattern(65_537)).close()).await;
        assert_unavailable(open(&server, Extent::FirstBytes).await);
    }
}

#[tokio::test]
async fn a_part_that_does_not_end_where_it_says_is_not_read_on() {
    let head = "206 Partial Content\ncontent-range: bytes 0-9/300000\nconnection: close";
    let mut server = always(Reply::new(head, b"").repeat(pattern(64 * 1024))).await;
    assert_unavailable(open(&server, Extent::FirstBytes).await);
    server.closed().await;
    assert!(server.sent() < 8 * MAX_BYTES, "{} bytes were sent", server.sent());
}

#[tokio::test]
async fn a_part_of_what_was_asked_for_whole_is_refused() {
    let server =
        always(Reply::sized("206 Partial Content\ncontent-range: bytes 0-9/300000", &pattern(10))).await;
    assert_unavailable(open(&server, Extent::Whole).await);
    assert_eq!(ranges(&server), ["none"]);
}

/// What the second answer says, after a first of 300,000 bytes, tag one, of a Monday.
async fn filled_after(second: impl Fn(&[u8], &Request) -> Reply + Send + Sync + 'static) -> Result<Remote> {
    let file = pattern(FILE);
    let server = Server::start(move |request| match request.number {
        0 => Reply::part_of(&file, request, "etag: \"one\"\nlast-modified: Mon"),
        _ => second(&file, request),
    });
    let mut remote = open(&server.await, Extent::FirstBytes).await.unwrap();
    remote.fill(65_536..65_546).await.map(|()| remote)
}

#[tokio::test]
async fn a_file_that_changes_between_two_parts_is_refused() {
    for fields in
        ["etag: \"two\"", "etag: W/\"one\"", "last-modified: Tue", "etag: \"one\"\nlast-modified: Tue"]
    {
        assert_unavailable(filled_after(move |file, request| Reply::part_of(file, request, fields)).await);
    }
    assert_unavailable(filled_after(|file, request| Reply::part_of(&file[1..], request, "")).await);
    assert_unavailable(filled_after(|file, _| Reply::sized("200 OK\netag: \"two\"", file)).await);
    assert_unavailable(filled_after(|_, _| Reply::sized("200 OK\netag: \"one\"", &pattern(FILE + 1))).await);
    assert_unavailable(filled_after(|_, _| Reply::sized("200 OK", &pattern(10))).await);
    let gone = "416 Range Not Satisfiable\ncontent-range: bytes */65536";
    assert_unavailable(filled_after(move |_, _| Reply::sized(gone, b"")).await);
}

#[tokio::test]
async fn a_server_that_stops_giving_parts_of_the_same_file_is_read_as_a_stream() {
    let mut remote = filled_after(|file, _| Reply::sized("200 OK\netag: \"one\"", file)).await.unwrap();
    assert_same(bytes(&remote, 65_536..65_546).unwrap(), &pattern(FILE)[65_536..65_546]);
    remote.read_all().await.unwrap();
    assert_same(remote.known().prefix(), &pattern(FILE));
}

#[tokio::test]
async fn an_empty_file_is_known_whole_however_it_is_said() {
    let empty = [
        Reply::sized("416 Range Not Satisfiable\ncontent-range: bytes */0", b""),
        Reply::sized("416 Range Not Satisfiable", b"sorry"),
        Reply::new("204 No Content", b""),
        Reply::sized("200 OK", b""),
        Reply::new("200 OK\ntransfer-encoding: chunked", b"0\r\n\r\n"),
    ];
    for reply in empty {
        let mut remote = open(&always(reply).await, Extent::FirstBytes).await.unwrap();
        remote.read_all().await.unwrap();
        assert_eq!((remote.known().size(), remote.known().prefix()), (Some(0), &[][..]));
    }
    let refused = always(Reply::sized("416 Range Not Satisfiable\ncontent-range: bytes */10", b"")).await;
    assert_unavailable(open(&refused, Extent::FirstBytes).await);
}

/// A server that does not tell the size of its file.
async fn secretive(file: Vec<u8>) -> Server {
    Server::start(move |request| {
        let asked = request.range().expect("a range");
        if asked.start >= file.len() {
            return Reply::sized("416 Range Not Satisfiable", b"");
        }
        let part = &file[asked.start..asked.end.min(file.len())];
        let (first, last) = (asked.start, asked.start + part.len() - 1);
        Reply::sized(&format!("206 Partial Content\ncontent-range: bytes {first}-{last}/*"), part)
    })
    .await
}

#[tokio::test]
async fn a_size_that_is_not_told_is_found_out() {
    let server = secretive(pattern(FILE)).await;
    let mut remote = open(&server, Extent::FirstBytes).await.unwrap();
    assert_eq!(remote.known().size(), None);
    remote.read_all().await.unwrap();
    assert_eq!(remote.known().size(), Some(FILE as u64));
    assert_same(remote.known().prefix(), &pattern(FILE));

    let mut remote = open(&server, Extent::FirstBytes).await.unwrap();
    remote.fill(0..900_000).await.unwrap();
    assert_eq!(bytes(&remote, 0..900_000), Err(Gap::End));
}

#[tokio::test]
async fn a_size_that_is_told_late_must_be_of_what_came_before() {
    let server = Server::start(|request| match request.number {
        0 => Reply::sized("206 Partial Content\ncontent-range: bytes 0-65535/*", &pattern(65_536)),
        _ => Reply::sized("416 Range Not Satisfiable\ncontent-range: bytes */10", b""),
    });
    let mut remote = open(&server.await, Extent::FirstBytes).await.unwrap();
    assert_unavailable(remote.read_all().await);
    assert_eq!(remote.known().size(), None);
}

#[tokio::test]
async fn a_file_above_the_limit_is_not_read_whole() {
    for file in [MAX_BYTES as usize, MAX_BYTES as usize + 1] {
        let fits = file as u64 <= MAX_BYTES;
        for server in [proper(&pattern(file)).await, secretive(pattern(file)).await] {
            let mut remote = open(&server, Extent::FirstBytes).await.unwrap();
            let too_large = Error::TooLarge { what: "bytes", limit: MAX_BYTES };
            assert_eq!(remote.read_all().await, if fits { Ok(()) } else { Err(too_large) });
            assert!(remote.fetched_bytes() <= MAX_BYTES + 1);
        }
    }
}

#[tokio::test]
async fn a_server_that_gives_crumbs_is_asked_a_bounded_number_of_times() {
    let file = pattern(FILE);
    let server = Server::start(move |request| {
        let first = request.range().expect("a range").start;
        let head = format!("206 Partial Content\ncontent-range: bytes {first}-{first}/{FILE}");
        Reply::sized(&head, &file[first..=first])
    });
    let server = server.await;
    let mut remote = open(&server, Extent::FirstBytes).await.unwrap();
    remote.fill(0..100).await.unwrap();
    assert_eq!(server.requests().len(), 16);
    assert_eq!(bytes(&remote, 0..100), Err(Gap::End));
    assert_same(bytes(&remote, 0..16).unwrap(), &pattern(16));
    assert_unavailable(remote.read_all().await);
    assert_eq!(server.requests().len(), 32);
}
