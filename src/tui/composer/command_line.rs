//! A document as a command to be run in a shell.

/// The words of a shell that end a here-document; the first that is no line of it is taken.
const MARK: &str = "WSPECT";

/// `wspect send` with a target, flags and documents, for any POSIX shell.
#[must_use]
pub fn send(target: &str, flags: &[String], documents: &str) -> String {
    let mut out = String::from("wspect send ");
    out.push_str(&quoted(target));
    for flag in flags {
        out.push(' ');
        out.push_str(&quoted(flag));
    }
    let mut mark = MARK.to_owned();
    while documents.lines().any(|line| line == mark) {
        mark.push('_');
    }
    // Quoted, so that the shell leaves ${…} alone.
    for part in [
        " <<'",
        &mark,
        "'\n",
        documents.trim_end(),
        "\n",
        &mark,
        "\n",
    ] {
        out.push_str(part);
    }
    out
}

/// A word that means itself to a shell.
#[must_use]
pub fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=@%+,".contains(c);
    if !word.is_empty() && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_shell_would_read_otherwise_is_quoted() {
        let flags = ["-H", "X-User: it's me", "--proto", "a b"].map(str::to_owned);
        assert_eq!(
            send("ws://h:1/a", &flags, "{\"a\": \"${uuid}\"}\n"),
            "wspect send ws://h:1/a -H 'X-User: it'\\''s me' --proto 'a b' <<'WSPECT'\n\
             {\"a\": \"${uuid}\"}\nWSPECT\n"
        );
        assert!(send("", &[], "WSPECT").starts_with("wspect send '' <<'WSPECT_'\nWSPECT\n"));
        assert!(send("ws://h?a=$x&b", &[], "{}").contains("'ws://h?a=$x&b'"));
    }
}
