//! URLs taken apart: `ws(s)://`, `http(s)://`, `grpc(s)://`.

use tokio_tungstenite::tungstenite::http::Uri;

use super::error::DialError;

/// The two schemes of a transport, without and with TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Schemes {
    /// `ws`, `wss`.
    WebSocket,
    /// `http`, `https`.
    Http,
    /// `grpc`, `grpcs`; the port must be given, there is no usual one.
    Grpc,
}

impl Schemes {
    const fn names(self) -> [&'static str; 2] {
        match self {
            Self::WebSocket => ["ws", "wss"],
            Self::Http => ["http", "https"],
            Self::Grpc => ["grpc", "grpcs"],
        }
    }
}

/// Where a URL leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// True for `wss`, `https` and `grpcs`.
    pub(super) tls: bool,
    /// Host without brackets, for DNS and TLS.
    pub(super) host: String,
    /// Port, given or implied.
    pub(super) port: u16,
    /// The `Host` header: host and, if given, port.
    pub(super) authority: String,
    /// Path and query.
    pub(super) path: String,
    /// `user:password` from the URL.
    pub(super) credentials: Option<String>,
}

/// Takes `url` apart; `shown` is how it may appear in an error.
pub(super) fn parse(url: &str, shown: &str, schemes: Schemes) -> Result<Target, DialError> {
    let wrong = |why: String| DialError::Url {
        url: shown.to_owned(),
        why,
    };
    let url = url.split_once('#').map_or(url, |(before, _)| before);
    let uri: Uri = url.parse().map_err(|error| wrong(format!("{error}")))?;
    let [plain, secure] = schemes.names();
    let tls = match uri.scheme_str() {
        Some(scheme) if scheme == plain => false,
        Some(scheme) if scheme == secure => true,
        Some(other) => {
            return Err(wrong(format!(
                "the scheme is `{other}`, not {plain} or {secure}"
            )));
        }
        None => {
            return Err(wrong(format!(
                "it has no scheme; write {plain}://HOST/PATH"
            )));
        }
    };
    let authority = uri
        .authority()
        .ok_or_else(|| wrong("it has no host".to_owned()))?
        .as_str();
    let (credentials, authority) = match authority.rsplit_once('@') {
        Some((credentials, rest)) => (Some(percent_decoded(credentials)), rest),
        None => (None, authority),
    };
    let host = uri.host().unwrap_or_default();
    let host = host
        .strip_prefix('[')
        .and_then(|h| h.strip_suffix(']'))
        .unwrap_or(host);
    if host.is_empty() {
        return Err(wrong("it has no host".to_owned()));
    }
    let port = uri.port_u16();
    if port.is_none() && schemes == Schemes::Grpc {
        return Err(wrong(
            "it names no port, and gRPC has no usual one; Raccoon's is 8081".to_owned(),
        ));
    }
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    let slash = if path.starts_with('/') { "" } else { "/" };
    Ok(Target {
        tls,
        host: host.to_owned(),
        port: port.unwrap_or(if tls { 443 } else { 80 }),
        authority: authority.to_owned(),
        path: format!("{slash}{path}"),
        credentials,
    })
}

fn percent_decoded(text: &str) -> String {
    let mut out = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let hex = bytes
            .get(at + 1..at + 3)
            .and_then(|pair| std::str::from_utf8(pair).ok());
        match hex.and_then(|pair| u8::from_str_radix(pair, 16).ok()) {
            Some(byte) if bytes[at] == b'%' => {
                out.push(byte);
                at += 3;
            }
            _ => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_case() {
        for (url, host, port, authority, path) in [
            ("ws://localhost", "localhost", 80, "localhost", "/"),
            (
                "wss://example.com/a?b=c#d",
                "example.com",
                443,
                "example.com",
                "/a?b=c",
            ),
            ("ws://[::1]:8080/ws", "::1", 8080, "[::1]:8080", "/ws"),
            ("ws://10.0.0.1:81?q", "10.0.0.1", 81, "10.0.0.1:81", "/?q"),
        ] {
            let target = parse(url, url, Schemes::WebSocket).unwrap();
            assert_eq!(
                (
                    &*target.host,
                    target.port,
                    &*target.authority,
                    &*target.path
                ),
                (host, port, authority, path)
            );
        }
    }

    #[test]
    fn credentials_become_basic_authorization() {
        let target = parse("wss://me:s%40fe@h/", "", Schemes::WebSocket).unwrap();
        assert_eq!(target.credentials.as_deref(), Some("me:s@fe"));
        assert_eq!(target.authority, "h");
    }

    #[test]
    fn refused_with_the_reason() {
        for url in [
            "",
            "localhost:80",
            "ftp://x",
            "ws://",
            "ws:///x",
            "ws://a b",
            "http://x",
        ] {
            assert!(
                matches!(
                    parse(url, url, Schemes::WebSocket),
                    Err(DialError::Url { .. })
                ),
                "{url}"
            );
        }
    }

    #[test]
    fn each_transport_has_its_schemes() {
        let http = parse("https://h/api", "", Schemes::Http).unwrap();
        assert_eq!((http.tls, http.port), (true, 443));
        let grpc = parse("grpc://h:8081", "", Schemes::Grpc).unwrap();
        assert_eq!((grpc.tls, grpc.port), (false, 8081));
        let error = parse("grpc://h", "grpc://h", Schemes::Grpc).unwrap_err();
        assert!(error.to_string().contains("names no port"), "{error}");
        assert!(parse("ws://h", "", Schemes::Http).is_err());
    }
}
