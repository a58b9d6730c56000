//! What may be asked, and whom. `addresses.rs` asks a real process for forbidden addresses.

use super::*;
use crate::canary::Canary;

fn redirect(to: &str) -> Reply {
    Reply::sized(&format!("302 Found\nlocation: {to}"), b"elsewhere")
}

/// A server whose `/1` leads to `/0` and so on; `/0` is a file.
async fn staircase() -> Server {
    Server::start(|request| match request.path().trim_start_matches('/').parse::<u32>() {
        Ok(0) => Reply::part_of(&pattern(300_000), request, ""),
        Ok(step) => redirect(&format!("/{}\nset-cookie: a=b\netag: \"{step}\"", step - 1)),
        Err(_) => Reply::sized("404 Not Found", b""),
    })
    .await
}

#[tokio::test]
async fn three_redirects_are_followed_and_ranges_go_where_they_led() {
    let server = staircase().await;
    let mut remote = fetcher(&[server.host()]).open(&server.url("/3"), Extent::FirstBytes).await.unwrap();
    remote.fill(70_000..70_001).await.unwrap();
    let requests = server.requests();
    let paths: Vec<_> = requests.iter().map(Request::path).collect();
    assert_eq!(paths, ["/3", "/2", "/1", "/0", "/0"]);
    assert!(requests.iter().all(|request| request.header("cookie").or(request.header("referer")).is_none()));
    assert!(requests[..4].iter().all(|request| request.header("if-range").is_none()));
}

#[tokio::test]
async fn a_fourth_redirect_is_refused() {
    let server = staircase().await;
    assert_unavailable(fetcher(&[server.host()]).open(&server.url("/4"), Extent::FirstBytes).await);
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn a_redirect_to_what_is_no_web_address_is_the_servers_fault() {
    for to in ["ftp://example.com/", "file:///etc/passwd", "http://u:p@127.0.0.1/", "http://", "javascript:0"]
    {
        assert_unavailable(open(&always(redirect(to)).await, Extent::FirstBytes).await);
    }
}

#[tokio::test]
async fn what_is_no_web_address_is_a_bad_url() {
    let long = format!("http://example.com/{}", "a".repeat(8192));
    let urls = [
        "",
        "a.jpg",
        "//example.com/",
        "ftp://example.com/",
        "http://u:p@8.8.8.8/",
        "http://",
        "http://a\"b/",
        &long,
    ];
    for url in urls {
        let opened = fetcher(&[]).open(url, Extent::Whole).await;
        assert!(matches!(opened.err(), Some(Error::BadUrl(_))), "{url}");
    }
}

#[tokio::test]
async fn an_exception_is_for_one_port_only() {
    let (server, canary) = (staircase().await, Canary::listen("127.0.0.1:0"));
    let fetcher = fetcher(&[format!("localhost:{}", server.host().rsplit(':').next().unwrap())]);
    let url = server.url("/0").replace("127.0.0.1", "localhost");
    assert!(fetcher.open(&url, Extent::FirstBytes).await.is_ok());
    let other = format!("http://localhost:{}/", canary.port());
    assert_eq!(fetcher.open(&other, Extent::FirstBytes).await.err(), Some(Error::UrlNotAllowed));
    canary.assert_untouched();
}

#[tokio::test]
async fn a_status_has_its_error() {
    let limited = Error::UpstreamRateLimited { retry_after: Some(Duration::from_secs(7)) };
    for (status, error) in
        [(401, Error::NotFound), (403, Error::NotFound), (404, Error::NotFound), (429, limited)]
    {
        let server = always(Reply::sized(&format!("{status} No\nretry-after: 7"), b"no")).await;
        assert_eq!(open(&server, Extent::FirstBytes).await.err(), Some(error), "{status}");
    }
    for status in [201, 300, 304, 400, 500, 503] {
        let server = always(Reply::sized(&format!("{status} No"), b"")).await;
        assert_unavailable(open(&server, Extent::FirstBytes).await);
    }
}

#[tokio::test]
async fn a_closed_port_and_a_name_that_is_none_are_told_alike() {
    let canary = Canary::listen("127.0.0.1:0");
    let port = canary.port();
    drop(canary);
    // A label of 64 bytes is no name to any resolver.
    let nobody = format!("{}:{port}", "a".repeat(64));
    let fetcher = fetcher(&[format!("127.0.0.1:{port}"), nobody.clone()]);
    let closed = fetcher.open(&format!("http://127.0.0.1:{port}/?secret"), Extent::Whole).await.err();
    let unknown = fetcher.open(&format!("http://{nobody}/?secret"), Extent::Whole).await.err();
    assert!(matches!(closed, Some(Error::UpstreamUnavailable(_))));
    assert_eq!(closed, unknown);
}
