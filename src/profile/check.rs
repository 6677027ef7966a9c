//! Single values: URLs, headers, JSON text. Shared with the command line.

use super::secret;
use super::template;

/// Checks that a URL is one that can be connected to: a WebSocket's, or one calls go to.
pub fn check_url(url: &str) -> Result<(), String> {
    let shown = secret::mask_url(url);
    let Some((scheme, rest)) = url.split_once("://") else {
        return Err(format!(
            "{shown:?} is no URL; write for example ws://127.0.0.1:8080/ws"
        ));
    };
    match scheme.to_ascii_lowercase().as_str() {
        "ws" | "wss" | "http" | "https" | "grpc" | "grpcs" => {}
        _ => {
            return Err(format!(
                "{shown} begins with {scheme}://; an address begins with ws:// or wss:// for a \
                 WebSocket, http(s):// for REST, grpc(s):// for gRPC"
            ));
        }
    }
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = authority.rsplit('@').next().unwrap_or_default();
    let after_brackets = host.rsplit(']').next().unwrap_or(host);
    if scheme.to_ascii_lowercase().starts_with("grpc") && !after_brackets.contains(':') {
        return Err(format!(
            "{shown} names no port, and gRPC has no usual one; Raccoon's is 8081"
        ));
    }
    if host.is_empty() || host.starts_with(':') {
        return Err(format!("{shown} names no host"));
    }
    // What cannot be a port would be passed over, and the scheme's usual one dialed.
    if let Some((_, port)) = after_brackets.rsplit_once(':')
        && !port.is_empty()
        && !port.contains(['$', '{', '}'])
        && !port.parse::<u16>().is_ok_and(|port| port > 0)
    {
        return Err(format!(
            "{shown}: {port:?} is no port; a port is a number from 1 to 65535"
        ));
    }
    if url.chars().any(|c| c.is_control() || c == ' ') {
        return Err(format!(
            "{shown:?} contains blanks or control characters; write them as %20 and the like"
        ));
    }
    if url.contains('#') {
        return Err(format!(
            "{shown} has a fragment (#…), which an address to connect to cannot have; \
             write %23 if you mean the character"
        ));
    }
    Ok(())
}

/// Checks a header as RFC 9110 § 5 wants it: the name a token, the value without line ends or
/// other control characters. Headers the upgrade itself sets are refused.
pub fn check_header(name: &str, value: &str) -> Result<(), String> {
    if !is_token(name) {
        return Err(format!(
            "{name:?} is no header name; only letters, digits and -_.!#$%&'*+^`|~ may stand in it"
        ));
    }
    let lower = name.to_ascii_lowercase();
    if lower == "sec-websocket-protocol" {
        return Err(format!(
            "{name} is set by the upgrade; offer subprotocols with `subprotocols` or --subprotocol"
        ));
    }
    let own = [
        "connection",
        "upgrade",
        "content-length",
        "transfer-encoding",
    ];
    if own.contains(&lower.as_str()) || lower.starts_with("sec-websocket-") {
        return Err(format!("{name} is set by the upgrade itself; leave it out"));
    }
    if let Some(bad) = value.chars().find(|&c| c.is_control() && c != '\t') {
        return Err(format!(
            "the value of header {name} has the character {bad:?}, which no header can carry"
        ));
    }
    Ok(())
}

pub(super) fn is_token(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    !text.is_empty() && text.chars().all(fits)
}

/// Checks JSON text, unless it is still to be filled in.
pub(super) fn json(text: &str) -> Result<(), String> {
    if template::present(text) {
        return Ok(());
    }
    serde_json::from_str::<serde::de::IgnoredAny>(text)
        .map(|_| ())
        .map_err(|error| format!("is not JSON: {error}"))
}

/// The raw value of a query parameter.
pub(super) fn query_value<'a>(url: &'a str, name: &str) -> Option<&'a str> {
    let query = url.split_once('?')?.1;
    let query = query.split('#').next()?;
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_a_number_that_fits() {
        for url in [
            "ws://127.0.0.1:8080/ws",
            "ws://[::1]:8080/ws",
            "ws://[::1]/ws",
            "ws://h:65535",
            "wss://u:p@h:1/x:y",
            "ws://h:${env:PORT}/ws",
        ] {
            assert_eq!(check_url(url), Ok(()), "{url}");
        }
        for url in [
            "ws://h:99999/ws",
            "ws://h:abc/ws",
            "ws://h:0",
            "ws://[::1]:x",
        ] {
            let error = check_url(url).unwrap_err();
            assert!(error.contains("is no port"), "{url}: {error}");
        }
    }
}
