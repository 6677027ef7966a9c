//! The two parts of a URL that recognition looks at.

/// False for the addresses of calls: `http(s)://`, `grpc(s)://`.
pub(super) fn is_websocket(url: &str) -> bool {
    let scheme = scheme(url);
    !["http", "https", "grpc", "grpcs"]
        .iter()
        .any(|other| scheme.eq_ignore_ascii_case(other))
}

/// True for `grpc://` and `grpcs://`.
pub(super) fn is_grpc(url: &str) -> bool {
    let scheme = scheme(url);
    scheme.eq_ignore_ascii_case("grpc") || scheme.eq_ignore_ascii_case("grpcs")
}

fn scheme(url: &str) -> &str {
    url.split_once("://").map_or("", |(scheme, _)| scheme)
}

/// The path: `/` if there is none. Total on any text.
pub(super) fn path(url: &str) -> &str {
    let after_scheme = url.split_once("://").map_or(url, |(_, rest)| rest);
    let end = after_scheme.find(['?', '#']).unwrap_or(after_scheme.len());
    let before_query = &after_scheme[..end];
    before_query
        .find('/')
        .map_or("/", |slash| &before_query[slash..])
}

/// The first query parameter of that name, percent-decoded; what decodes to no UTF-8 is read
/// leniently.
pub(super) fn query(url: &str, name: &str) -> Option<String> {
    let before_fragment = url.split('#').next()?;
    let (_, query) = before_fragment.split_once('?')?;
    query.split('&').find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode(key) == name).then(|| decode(value))
    })
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        match first {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digit = |at: usize| char::from(*after.get(at)?).to_digit(16);
                if let (Some(high), Some(low)) = (digit(0), digit(1)) {
                    bytes.push((high * 16 + low) as u8);
                    rest = &after[2..];
                } else {
                    bytes.push(b'%');
                }
            }
            plain => bytes.push(*plain),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_by_case() {
        for (url, expected) in [
            ("ws://h:1/api/v1/events?x=/y", "/api/v1/events"),
            ("ws://h", "/"),
            ("ws://h?client_id=/a", "/"),
            ("wss://h/wsmq#part", "/wsmq"),
            ("", "/"),
        ] {
            assert_eq!(path(url), expected, "{url}");
        }
    }

    #[test]
    fn the_first_parameter_of_a_name_counts_decoded() {
        let url = "ws://h/ws?other=1&client_id=a%20b%2&client_id=second#client_id=no";
        assert_eq!(query(url, "client_id").as_deref(), Some("a b%2"));
        assert_eq!(query(url, "missing"), None);
        assert_eq!(query("ws://h/ws?flag", "flag").as_deref(), Some(""));
    }
}
