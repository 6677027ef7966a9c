//! JSON text that may hold templates, looked at without reading it.

/// The same document without white space outside of strings.
#[must_use]
pub fn packed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut in_string = false;
    let mut escaped = false;
    for c in text.chars() {
        if in_string {
            out.push(c);
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
        } else if !matches!(c, ' ' | '\n' | '\r' | '\t') {
            out.push(c);
            in_string = c == '"';
        }
    }
    out
}

/// Why `text` cannot stand as one value in a document, and the byte where: the brackets do not
/// pair, or something follows. What is inside is for the document's reader to judge.
pub fn one_value(text: &str) -> Result<(), (usize, &'static str)> {
    let mut open = Vec::new();
    let mut in_string = None;
    let mut escaped = false;
    let mut template = 0_usize;
    for (at, c) in text.char_indices() {
        if in_string.is_some() {
            if !escaped && c == '"' {
                in_string = None;
            }
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '"' => in_string = Some(at),
            '{' if text[..at].ends_with('$') => template += 1,
            '}' if template > 0 => template -= 1,
            '{' | '[' => open.push((at, c)),
            '}' | ']' => match open.pop() {
                Some((_, '{')) if c == '}' => {}
                Some((_, '[')) if c == ']' => {}
                Some(_) => return Err((at, "this bracket closes one of the other kind")),
                None => return Err((at, "this bracket closes none")),
            },
            ',' | ':' if open.is_empty() && template == 0 => {
                return Err((at, "the value has ended before this"));
            }
            _ => {}
        }
    }
    match (in_string, open.pop()) {
        (Some(at), _) => Err((at, "this string is not closed")),
        (None, Some((at, _))) => Err((at, "this bracket is not closed")),
        (None, None) if text.trim().is_empty() => Err((0, "there is no value; {} is an empty one")),
        (None, None) => Ok(()),
    }
}
