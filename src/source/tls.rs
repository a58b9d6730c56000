//! What every HTTP client of the gateway has in common.

use reqwest::{Certificate, Client, ClientBuilder, redirect};
use rustls::crypto::ring;

/// A client that trusts Mozilla's roots, goes through no proxy and follows no redirect.
pub fn client() -> ClientBuilder {
    // An error says that a provider was installed before: all clients use the same one.
    let _ = ring::default_provider().install_default();
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
    let roots = roots.filter_map(|der| Certificate::from_der(der).ok());
    Client::builder()
        .tls_certs_only(roots)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .user_agent(concat!("imagraph/", env!("CARGO_PKG_VERSION")))
}
