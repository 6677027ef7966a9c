//! The one query parameter, read as Go reads it.

/// The first value of `name` in a URL's query, percent-decoded; a part with a broken escape or a
/// semicolon does not count.
pub(super) fn first(query: &str, name: &str) -> Option<Vec<u8>> {
    query.split('&').find_map(|part| {
        if part.contains(';') {
            return None;
        }
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        (decode(key)? == name.as_bytes()).then(|| decode(value))?
    })
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => digit(rest.next())? << 4 | digit(rest.next())?,
            other => other,
        });
    }
    Some(out)
}

fn digit(byte: Option<u8>) -> Option<u8> {
    let digit = char::from(byte?).to_digit(16)?;
    u8::try_from(digit).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_value_counts_and_is_decoded() {
        for (query, value) in [
            ("client_id=inspector-1", Some("inspector-1")),
            ("a=b&client_id=1&client_id=2", Some("1")),
            ("client_id=a%20b+c%2Fd", Some("a b c/d")),
            ("client%5Fid=x", Some("x")),
            ("client_id=%zz&client_id=y", Some("y")),
            ("client_id=a;b", None),
            ("client_id", Some("")),
            ("", None),
        ] {
            let found = first(query, "client_id");
            assert_eq!(found.as_deref(), value.map(str::as_bytes), "{query}");
        }
    }
}
