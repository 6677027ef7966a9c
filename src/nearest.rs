//! "Did you mean": the known word closest to one that is not known.

/// The candidate closest to `word`, if one is close enough to be what was meant.
#[must_use]
pub fn one<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    some(word, candidates).first().copied()
}

/// Up to three candidates close enough to `word` to be what was meant, closest first.
#[must_use]
pub fn some<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let word = word.to_lowercase();
    let mut close: Vec<_> = candidates
        .into_iter()
        .filter_map(|candidate| {
            let distance = distance(&word, &candidate.to_lowercase())?;
            Some((distance, candidate))
        })
        .collect();
    close.sort_by_key(|(distance, _)| *distance);
    close.dedup_by_key(|(_, candidate)| *candidate);
    // What is much further off than the best was not meant.
    let best = close.first().map_or(0, |(distance, _)| *distance);
    close.retain(|(distance, _)| *distance <= best + 1);
    close.truncate(3);
    close.into_iter().map(|(_, candidate)| candidate).collect()
}

/// Edits between the two, if there are few for their length; a beginning counts as near.
fn distance(word: &str, candidate: &str) -> Option<usize> {
    // Longer words than any key or name we have are not worth the quadratic look.
    if word.is_empty() || word.len() > 64 {
        return None;
    }
    if word.len() >= 2 && candidate.starts_with(word) {
        return Some(1);
    }
    let edits = strsim::damerau_levenshtein(word, candidate);
    let allowed = (word.chars().count().max(candidate.chars().count()) / 3).clamp(1, 3);
    (edits <= allowed).then_some(edits)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 5] = ["url", "system", "headers", "heartbeat", "reconnect"];

    #[test]
    fn slips_find_their_word_and_strangers_do_not() {
        for (word, meant) in [
            ("hearbeat", Some("heartbeat")),
            ("Header", Some("headers")),
            ("ulr", Some("url")),
            ("recon", Some("reconnect")),
            ("zebra", None),
            ("", None),
        ] {
            assert_eq!(one(word, KEYS), meant, "{word}");
        }
    }

    #[test]
    fn closest_first() {
        let names = ["raccoon-local", "raccoon-lab", "stellar"];
        assert_eq!(some("raccoon-loca", names)[0], "raccoon-local");
    }
}
