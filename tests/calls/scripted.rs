//! Small servers that do what real ones seldom do.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

type Page = Response<Full<Bytes>>;

/// An answer.
pub(crate) fn page(status: u16, kind: &str, body: &str) -> Page {
    Response::builder()
        .status(status)
        .header("content-type", kind)
        .body(Full::from(body.to_owned()))
        .expect("a page")
}

async fn bound() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0")
        .await
        .expect("loopback is there");
    let addr = listener.local_addr().expect("bound");
    (listener, addr)
}

async fn speak_http2<S>(stream: S, answer: fn(&str) -> Page)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let service = service_fn(move |request: Request<Incoming>| async move {
        let path = request.uri().path().to_owned();
        let _ = request.into_body().collect().await;
        Ok::<_, Infallible>(answer(&path))
    });
    let _ = http2::Builder::new(TokioExecutor::new())
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// Answers every request over HTTP/2 without TLS.
pub(crate) async fn http2(answer: fn(&str) -> Page) -> SocketAddr {
    let (listener, addr) = bound().await;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(speak_http2(stream, answer));
        }
    });
    addr
}

/// Answers every request over HTTP/1.1, and counts its connections.
pub(crate) async fn http1(answer: fn(&str) -> Page) -> (SocketAddr, Arc<AtomicUsize>) {
    let (listener, addr) = bound().await;
    let count = Arc::<AtomicUsize>::default();
    let counted = Arc::clone(&count);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.fetch_add(1, Ordering::Relaxed);
            let service = service_fn(move |request: Request<Incoming>| async move {
                let path = request.uri().path().to_owned();
                let _ = request.into_body().collect().await;
                Ok::<_, Infallible>(answer(&path))
            });
            tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
        }
    });
    (addr, count)
}

/// A certificate authority, and a TLS server certified by it that offers these protocols.
pub(crate) struct Secure {
    pub(crate) root: String,
    pub(crate) addr: SocketAddr,
}

/// Answers every request over TLS and HTTP/2.
pub(crate) async fn https2(answer: fn(&str) -> Page) -> Secure {
    let mut params = CertificateParams::new(Vec::new()).expect("no names");
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let issuer =
        CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("a root");
    let key = KeyPair::generate().expect("a key");
    let params = CertificateParams::new(vec!["localhost".to_owned()]).expect("a name");
    let certificate = params.signed_by(&key, &issuer).expect("signed");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der())),
        )
        .expect("a pair");
    config.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let (listener, addr) = bound().await;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    speak_http2(stream, answer).await;
                }
            });
        }
    });
    Secure {
        root: issuer.pem(),
        addr,
    }
}

/// Reads one request on each connection, writes these bytes, and ends TCP.
pub(crate) async fn raw(answer: &'static [u8]) -> SocketAddr {
    let (listener, addr) = bound().await;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                read_request(&mut stream).await;
                let _ = stream.write_all(answer).await;
            });
        }
    });
    addr
}

/// Reads one request on each connection, and never answers.
pub(crate) async fn silent() -> SocketAddr {
    let (listener, addr) = bound().await;
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut sink = [0; 4096];
                while matches!(stream.read(&mut sink).await, Ok(count) if count > 0) {}
            });
        }
    });
    addr
}

/// Reads until a head and its announced body are there.
async fn read_request(stream: &mut TcpStream) {
    let mut all = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&all).to_lowercase();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let wanted = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |value| value.parse().unwrap_or(0));
            if body.len() >= wanted {
                return;
            }
        }
        if !matches!(stream.read_buf(&mut all).await, Ok(count) if count > 0) {
            return;
        }
    }
}
