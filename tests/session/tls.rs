//! `wss://`: extra roots, refused certificates, `--insecure`, client certificates.

use std::path::Path;
use std::sync::Arc;

use futures_util::StreamExt as _;
use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use tokio_rustls::TlsAcceptor;
use wspect::transport::TlsOptions;

use crate::harness::{Watched, plan, server};

struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("no names");
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        Self {
            issuer: CertifiedIssuer::self_signed(params, key).expect("a root"),
        }
    }

    fn issue(&self, name: &str) -> (rcgen::Certificate, KeyPair) {
        let key = KeyPair::generate().expect("a key");
        let params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        (params.signed_by(&key, &self.issuer).expect("signed"), key)
    }

    fn write(&self, dir: &Path) -> std::path::PathBuf {
        let path = dir.join("root.pem");
        std::fs::write(&path, self.issuer.pem()).expect("written");
        path
    }
}

async fn secure_echo(authority: &Authority, want_client: bool) -> std::net::SocketAddr {
    let (certificate, key) = authority.issue("localhost");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .expect("versions");
    let builder = if want_client {
        let mut roots = rustls::RootCertStore::empty();
        roots.add(authority.issuer.der().clone()).expect("a root");
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
            .build()
            .expect("a verifier");
        builder.with_client_cert_verifier(verifier)
    } else {
        builder.with_no_client_auth()
    };
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let config = builder
        .with_single_cert(vec![certificate.der().clone()], key)
        .expect("a pair");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    server(4, move |stream, _| {
        let acceptor = acceptor.clone();
        async move {
            let Ok(stream) = acceptor.accept(stream).await else {
                return;
            };
            let Ok(mut socket) = tokio_tungstenite::accept_async(stream).await else {
                return;
            };
            while socket.next().await.is_some() {}
        }
    })
    .await
}

fn secure_plan(port: u16, tls: TlsOptions) -> wspect::session::Plan {
    let mut told = plan(&format!("wss://localhost:{port}/"));
    told.dial.tls = tls;
    told
}

#[tokio::test]
async fn an_unknown_issuer_is_refused_with_advice_and_insecure_goes_on() {
    let authority = Authority::new();
    let port = secure_echo(&authority, false).await.port();
    let mut session = Watched::start(secure_plan(port, TlsOptions::default()));
    session.until_state("failed").await;
    let error = session.facts("closed")["error"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(error.contains("--cacert"), "{error}");
    session.stop().await;

    let insecure = TlsOptions {
        insecure: true,
        ..TlsOptions::default()
    };
    let mut session = Watched::start(secure_plan(port, insecure));
    session.until_state("live").await;
    assert!(
        session
            .snapshot
            .as_ref()
            .is_some_and(|snapshot| snapshot.insecure)
    );
    session.stop().await;
}

#[tokio::test]
async fn an_extra_root_and_a_client_certificate_are_used() {
    let dir = tempfile::tempdir().expect("a folder");
    let authority = Authority::new();
    let port = secure_echo(&authority, true).await.port();
    let (certificate, key) = authority.issue("client");
    let (cert, key_path) = (dir.path().join("client.pem"), dir.path().join("client.key"));
    std::fs::write(&cert, certificate.pem()).expect("written");
    std::fs::write(&key_path, key.serialize_pem()).expect("written");
    let tls = TlsOptions {
        cacert: Some(authority.write(dir.path())),
        cert: Some(cert),
        key: Some(key_path),
        insecure: false,
    };
    let mut session = Watched::start(secure_plan(port, tls));
    session.until_state("live").await;
    let facts = session.facts("open");
    assert!(
        facts["tls"].as_str().unwrap_or_default().contains("TLS"),
        "{facts}"
    );
    session.stop().await;
}

#[tokio::test]
async fn a_file_that_is_no_certificate_ends_the_session_at_once() {
    let dir = tempfile::tempdir().expect("a folder");
    let path = dir.path().join("not.pem");
    std::fs::write(&path, "nothing").expect("written");
    let tls = TlsOptions {
        cacert: Some(path),
        ..TlsOptions::default()
    };
    let addr = server(1, |mut stream, _| async move {
        crate::harness::drain(&mut stream).await;
    })
    .await;
    let mut session = Watched::start(secure_plan(addr.port(), tls));
    session.until_state("failed").await;
    let error = session.facts("closed")["error"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    assert!(error.contains("not.pem"), "{error}");
    session.stop().await;
}
