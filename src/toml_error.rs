//! What is wrong with a TOML text, in words that help: line, nearest known key, expected type.

use crate::nearest;

/// Line of a byte offset, from 1.
#[must_use]
pub fn line_at(text: &str, offset: usize) -> usize {
    let before = &text.as_bytes()[..offset.min(text.len())];
    1 + memchr::memchr_iter(b'\n', before).count()
}

/// serde's sentence in ours. The list of known keys is in its message and nowhere else that would
/// stay in step with the structs, so it is read from there; the tests pin its form.
#[must_use]
pub fn explain(message: &str) -> String {
    let mut quoted = message.split('`').skip(1).step_by(2);
    if message.starts_with("unknown field") || message.starts_with("unknown variant") {
        let noun = if message.starts_with("unknown field") {
            "key"
        } else {
            "value"
        };
        let wrong = quoted.next().unwrap_or_default();
        let known: Vec<_> = quoted.collect();
        return match nearest::one(wrong, known.iter().copied()) {
            Some(near) => format!("unknown {noun} `{wrong}`; did you mean `{near}`?"),
            None => format!("unknown {noun} `{wrong}`; known here: {}", known.join(", ")),
        };
    }
    if let Some(rest) = message.strip_prefix("invalid type: ") {
        return format!("wrong type: {rest}");
    }
    if message.starts_with("missing field") {
        let field = quoted.next().unwrap_or_default();
        return match field {
            "url" => "`url` is missing; write for example url = \"ws://127.0.0.1:8080/ws\"".into(),
            field => format!("`{field}` is missing here"),
        };
    }
    message.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Sample {
        #[expect(dead_code, reason = "only its being read matters")]
        alpha: u8,
    }

    #[test]
    fn the_form_of_the_messages_is_what_we_read() {
        for (text, said) in [
            ("alpa = 1", "unknown key `alpa`; did you mean `alpha`?"),
            ("zebra = 1", "unknown key `zebra`; known here: alpha"),
            ("alpha = 'x'", "wrong type: string \"x\", expected u8"),
            ("", "`alpha` is missing here"),
        ] {
            let error = toml::from_str::<Sample>(text).unwrap_err();
            assert_eq!(explain(error.message()), said);
        }
    }

    #[test]
    fn lines_from_one() {
        for (offset, line) in [(0, 1), (1, 1), (2, 2), (99, 2)] {
            assert_eq!(line_at("a\nb", offset), line);
        }
    }
}
