//! Servers that send the whole file whatever they are asked.

use imagraph::metadata::Checksum;
use sha2::{Digest, Sha256};

use super::*;

const MIB: usize = 1024 * 1024;

fn chunked(bytes: &[u8]) -> Vec<u8> {
    [format!("{:x}\r\n", bytes.len()).as_bytes(), bytes, b"\r\n"].concat()
}

#[tokio::test]
async fn a_body_is_read_as_far_as_needed_however_its_end_is_told() {
    let file = pattern(500_000);
    let with_length = Reply::sized("200 OK", &file);
    let with_chunks =
        Reply::new("200 OK\ntransfer-encoding: chunked", &[chunked(&file), b"0\r\n\r\n".to_vec()].concat());
    let until_close = Reply::new("200 OK\nconnection: close", &file).close();
    for (reply, size) in [(with_length, Some(500_000)), (with_chunks, None), (until_close, None)] {
        for extent in [Extent::FirstBytes, Extent::Whole] {
            let mut remote = open(&always(reply.clone()).await, extent).await.unwrap();
            assert_eq!(remote.known().size(), size);
            remote.fill(250_000..250_010).await.unwrap();
            assert_same(bytes(&remote, 250_000..250_010).unwrap(), &file[250_000..250_010]);
            remote.fill(499_999..600_000).await.unwrap();
            assert_eq!(bytes(&remote, 499_999..600_000), Err(Gap::End));
            remote.read_all().await.unwrap();
            assert_eq!(remote.known().size(), Some(500_000));
            assert_same(remote.known().prefix(), &file);
        }
    }
}

#[tokio::test]
async fn a_digest_is_of_every_byte_of_which_none_is_held() {
    let file = pattern(500_000);
    let with_length = Reply::sized("200 OK", &file);
    let with_chunks =
        Reply::new("200 OK\ntransfer-encoding: chunked", &[chunked(&file), b"0\r\n\r\n".to_vec()].concat());
    for reply in [with_length, with_chunks] {
        let mut remote = open(&always(reply).await, Extent::Whole).await.unwrap();
        remote.fill(0..1000).await.unwrap();
        let held = remote.known().prefix().len();
        assert_eq!(remote.digest().await, Ok(Checksum(Sha256::digest(&file).into())));
        assert_eq!((remote.known().prefix().len(), remote.known().size()), (held, Some(500_000)));
        assert_eq!(remote.fetched_bytes(), 500_000);
    }
}

#[tokio::test]
async fn of_a_stream_all_is_held_up_to_what_is_needed() {
    let far = 800_000..800_010;
    let stream = open(&always(Reply::sized("200 OK", &pattern(900_000))).await, Extent::Whole).await.unwrap();
    assert_eq!(stream.would_hold(&far), 800_010);
    let file = pattern(900_000);
    let part = Reply::new(
        "206 Partial Content\ncontent-range: bytes 0-65535/900000\ncontent-length: 65536",
        &file[..65_536],
    );
    let parts = open(&always(part).await, Extent::FirstBytes).await.unwrap();
    assert!(parts.would_hold(&far) < 100_000, "{}", parts.would_hold(&far));
}

#[tokio::test]
async fn a_digest_is_of_the_whole_file_or_an_error() {
    let short = Reply::new("200 OK\ncontent-length: 2000", &pattern(1000)).close();
    assert_unavailable(open(&always(short).await, Extent::Whole).await.unwrap().digest().await);
    let endless = Reply::new("200 OK\nconnection: close", b"").repeat(pattern(64 * 1024));
    let stated = Reply::new(&format!("200 OK\ncontent-length: {}", 20 * MIB), b"").hang();
    for reply in [endless, stated] {
        let mut remote = open(&always(reply).await, Extent::Whole).await.unwrap();
        assert_eq!(remote.digest().await, Err(Error::TooLarge { what: "bytes", limit: MAX_BYTES }));
        assert!(remote.fetched_bytes() < 2 * MAX_BYTES);
    }
}

#[tokio::test]
async fn of_a_large_file_only_what_is_needed_leaves_the_server() {
    let reply = Reply::new(&format!("200 OK\ncontent-length: {}", 20 * MIB), b"").repeat(pattern(64 * 1024));
    let mut server = always(reply).await;
    let mut remote = open(&server, Extent::FirstBytes).await.unwrap();
    remote.fill(0..1000).await.unwrap();
    assert!(remote.fetched_bytes() < MIB as u64, "{} bytes were read", remote.fetched_bytes());
    drop(remote);
    server.closed().await;
    // The rest are the buffers of two sockets.
    assert!(server.sent() < 8 * MIB as u64, "{} bytes were sent", server.sent());
}

#[tokio::test]
async fn an_endless_body_ends_at_the_limit() {
    for head in ["200 OK\ntransfer-encoding: chunked", "200 OK\nconnection: close"] {
        let chunk = if head.contains("chunked") { chunked(&pattern(64 * 1024)) } else { pattern(64 * 1024) };
        let server = always(Reply::new(head, b"").repeat(chunk)).await;
        let too_large = Err(Error::TooLarge { what: "bytes", limit: MAX_BYTES });
        let mut remote = open(&server, Extent::Whole).await.unwrap();
        assert_eq!(remote.read_all().await, too_large);
        assert!(remote.fetched_bytes() < 2 * MAX_BYTES);
        let mut remote = open(&server, Extent::FirstBytes).await.unwrap();
        assert_eq!(remote.fill(u64::MAX - 10..u64::MAX).await, too_large);
    }
}

#[tokio::test]
async fn a_body_that_is_said_to_be_above_the_limit_is_not_read_in_vain() {
    let reply = Reply::new(&format!("200 OK\ncontent-length: {}", 20 * MIB), b"").hang();
    let mut remote = open(&always(reply).await, Extent::Whole).await.unwrap();
    let too_large = Err(Error::TooLarge { what: "bytes", limit: MAX_BYTES });
    assert_eq!(remote.read_all().await, too_large);
    assert_eq!(remote.fill(10 * MIB as u64..10 * MIB as u64 + 1).await, too_large);
    assert_eq!(remote.fetched_bytes(), 0);
}

#[tokio::test]
async fn a_body_that_breaks_off_keeps_its_beginning_and_never_passes_for_whole() {
    let file = pattern(1000);
    let short = Reply::new("200 OK\ncontent-length: 2000", &file).close();
    let cut_chunks = Reply::new("200 OK\ntransfer-encoding: chunked", &chunked(&file)).close();
    for reply in [short, cut_chunks] {
        let server = always(reply).await;
        let mut remote = open(&server, Extent::Whole).await.unwrap();
        for _ in 0..3 {
            assert_unavailable(remote.read_all().await);
            assert_unavailable(remote.fill(1500..1501).await);
        }
        remote.fill(0..1000).await.unwrap();
        assert_same(remote.known().prefix(), &file);
        assert_ne!(remote.known().size(), Some(1000));
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_body_ends_where_its_length_says() {
    let reply = Reply::new("200 OK\ncontent-length: 100", &pattern(1000));
    let mut remote = open(&always(reply).await, Extent::Whole).await.unwrap();
    remote.read_all().await.unwrap();
    assert_same(remote.known().prefix(), &pattern(100));
}

#[tokio::test]
async fn an_encoding_that_was_not_asked_for_is_refused() {
    for encoding in ["gzip", "br", "identity, gzip", "identity\ncontent-encoding: gzip", "x"] {
        let head = format!("200 OK\ncontent-encoding: {encoding}");
        assert_unavailable(open(&always(Reply::sized(&head, b"1234")).await, Extent::Whole).await);
        let head = head.replace("200 OK", "206 Partial Content\ncontent-range: bytes 0-3/4");
        assert_unavailable(open(&always(Reply::sized(&head, b"1234")).await, Extent::FirstBytes).await);
    }
    let plain = always(Reply::sized("200 OK\ncontent-encoding: identity", b"1234")).await;
    assert!(open(&plain, Extent::Whole).await.is_ok());
}

#[tokio::test]
async fn an_answer_that_is_not_http_is_refused() {
    for head in
        ["", "banana", "99 Low", "200 OK\ncontent-length: x", "200 OK\ncontent-length: 1\ncontent-length: 2"]
    {
        assert_unavailable(open(&always(Reply::new(head, b"1").close()).await, Extent::Whole).await);
    }
}

#[tokio::test]
async fn a_server_that_hangs_is_given_up() {
    let silent = always(Reply::silence()).await;
    let impatient = fetcher_with(&[silent.host()], Duration::from_millis(100), PATIENCE);
    assert_eq!(impatient.open(&silent.url("/"), Extent::Whole).await.err(), Some(Error::Timeout));

    let stuck = always(Reply::new("200 OK\ncontent-length: 2000", &pattern(1000)).hang()).await;
    let fetcher = fetcher_with(&[stuck.host()], Duration::from_secs(1), PATIENCE);
    let mut remote = fetcher.open(&stuck.url("/"), Extent::Whole).await.unwrap();
    assert_eq!(remote.read_all().await, Err(Error::Timeout));
    assert_same(remote.known().prefix(), &pattern(1000));
}

#[tokio::test]
async fn a_server_that_drips_is_given_up_at_the_deadline() {
    let reply = Reply::new("200 OK\ncontent-length: 100000", b"").drip(Duration::from_millis(10));
    let server = always(reply).await;
    let fetcher = fetcher_with(&[server.host()], PATIENCE, Duration::from_millis(300));
    let read = async { fetcher.open(&server.url("/"), Extent::Whole).await?.read_all().await };
    assert_eq!(tokio::time::timeout(PATIENCE, read).await, Ok(Err(Error::Timeout)));
}
