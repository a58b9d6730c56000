//! TLS, and what every HTTP client of the gateway has in common.

use reqwest::{Certificate, Client, ClientBuilder, redirect};
use rustls::crypto::ring;

/// Chooses who does the cryptography, for every client of the process.
pub fn install() {
    // An error says that it was chosen before.
    let _ = ring::default_provider().install_default();
}

/// A client that trusts Mozilla's roots, goes through no proxy and follows no redirect.
pub fn client() -> ClientBuilder {
    install();
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
    let roots = roots.filter_map(|der| Certificate::from_der(der).ok());
    Client::builder()
        .tls_certs_only(roots)
        .redirect(redirect::Policy::none())
        .no_proxy()
        .user_agent(concat!("imagraph/", env!("CARGO_PKG_VERSION")))
}
