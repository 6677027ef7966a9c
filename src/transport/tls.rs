//! TLS for `wss://`, `https://` and `grpcs://`: platform roots, extra roots, client certificates, or no checks at all.

use std::path::Path;
use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::dial::TlsOptions;
use super::error::DialError;

/// The client configuration `options` ask for; `alpn` is offered in that order.
pub(super) fn config(options: &TlsOptions, alpn: &[&str]) -> Result<Arc<ClientConfig>, DialError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let failed = |why: String| DialError::Tls { why, advice: "" };
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| failed(error.to_string()))?;
    let builder = if options.insecure {
        builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::new(Anything(provider)))
    } else {
        builder.with_root_certificates(roots(options.cacert.as_deref())?)
    };
    let mut config = match (&options.cert, &options.key) {
        (Some(cert), key) => {
            let key = key.as_deref().unwrap_or(cert);
            let parsed = PrivateKeyDer::from_pem_file(key)
                .map_err(|error| file(key, format!("no private key in it: {error}")))?;
            builder
                .with_client_auth_cert(certificates(cert)?, parsed)
                .map_err(|error| file(cert, error.to_string()))?
        }
        (None, Some(key)) => {
            return Err(file(key, "a --key needs its --cert".to_owned()));
        }
        (None, None) => builder.with_no_client_auth(),
    };
    config.key_log = Arc::new(rustls::KeyLogFile::new());
    config.alpn_protocols = alpn.iter().map(|name| name.as_bytes().to_vec()).collect();
    Ok(Arc::new(config))
}

fn roots(cacert: Option<&Path>) -> Result<RootCertStore, DialError> {
    let mut store = RootCertStore::empty();
    let platform = rustls_native_certs::load_native_certs();
    let (usable, _) = store.add_parsable_certificates(platform.certs);
    if let Some(path) = cacert {
        for certificate in certificates(path)? {
            store
                .add(certificate)
                .map_err(|error| file(path, error.to_string()))?;
        }
    } else if usable == 0 {
        return Err(DialError::Tls {
            why: "the platform has no root certificates".to_owned(),
            advice: ". Install them, or name one with --cacert",
        });
    }
    Ok(store)
}

fn certificates(path: &Path) -> Result<Vec<CertificateDer<'static>>, DialError> {
    let all: Result<Vec<_>, _> = CertificateDer::pem_file_iter(path)
        .map_err(|error| file(path, error.to_string()))?
        .collect();
    let all = all.map_err(|error| file(path, error.to_string()))?;
    if all.is_empty() {
        return Err(file(
            path,
            "no certificate in it; PEM is expected".to_owned(),
        ));
    }
    Ok(all)
}

fn file(path: &Path, why: String) -> DialError {
    DialError::TlsFile {
        path: path.to_owned(),
        why,
    }
}

/// What to try after a failed handshake.
pub(super) fn advice(why: &str) -> &'static str {
    if why.contains("UnknownIssuer") {
        ". The certificate's issuer is not trusted here; name it with --cacert, or look without \
         checking with --insecure"
    } else if why.contains("NotValidForName") || why.contains("not valid for name") {
        ". The certificate is for another host name"
    } else if why.contains("Expired") || why.contains("expired") {
        ". The certificate has expired; --insecure looks at the traffic all the same"
    } else if why.contains("InvalidContentType") || why.contains("corrupt message") {
        ". The server does not speak TLS on this port; try the scheme without the s"
    } else {
        ""
    }
}

/// Trusts any certificate: `--insecure`. Signatures are still checked, by the provider.
#[derive(Debug)]
struct Anything(Arc<CryptoProvider>);

impl ServerCertVerifier for Anything {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
