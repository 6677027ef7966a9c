//! Padded standard base64 as Go reads it: line ends are skipped, errors name the byte.

/// Decodes `text`; the error is Go's text.
pub fn decode(text: &[u8]) -> Result<Vec<u8>, String> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3);
    let mut at = 0;
    while let Some(group) = group(text, &mut at).map_err(illegal)? {
        let bits = group
            .sextets
            .iter()
            .fold(0_u32, |bits, &s| (bits << 6) | u32::from(s));
        out.extend_from_slice(&bits.to_be_bytes()[1..=group.bytes]);
        if group.bytes < 3 {
            skip_line_ends(text, &mut at);
            return if at < text.len() {
                Err(illegal(at))
            } else {
                Ok(out)
            };
        }
    }
    Ok(out)
}

/// Four letters, or fewer and padding.
struct Group {
    sextets: [u8; 4],
    /// Bytes they stand for: 1 to 3.
    bytes: usize,
}

/// The next group, `None` at the end; the error is the offset Go blames.
fn group(text: &[u8], at: &mut usize) -> Result<Option<Group>, usize> {
    let mut sextets = [0; 4];
    let mut filled = 0;
    while filled < 4 {
        let Some(&c) = text.get(*at) else {
            return if filled == 0 {
                Ok(None)
            } else {
                Err(*at - filled)
            };
        };
        *at += 1;
        if let Some(sextet) = sextet(c) {
            sextets[filled] = sextet;
            filled += 1;
        } else if c == b'=' && filled >= 2 {
            if filled == 2 {
                skip_line_ends(text, at);
                match text.get(*at) {
                    Some(b'=') => *at += 1,
                    Some(_) => return Err(*at - 1),
                    None => return Err(text.len()),
                }
            }
            let bytes = filled - 1;
            return Ok(Some(Group { sextets, bytes }));
        } else if !matches!(c, b'\r' | b'\n') {
            return Err(*at - 1);
        }
    }
    Ok(Some(Group { sextets, bytes: 3 }))
}

fn sextet(c: u8) -> Option<u8> {
    Some(match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

fn skip_line_ends(text: &[u8], at: &mut usize) {
    while matches!(text.get(*at), Some(b'\r' | b'\n')) {
        *at += 1;
    }
}

fn illegal(at: usize) -> String {
    format!("illegal base64 data at input byte {at}")
}
