//! Names meant by a fault: one, or several by a pattern.

/// A name, or a pattern with `*` for any characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern(String);

impl Pattern {
    /// The names that match `pattern`, case mattering.
    #[must_use]
    pub fn new(pattern: impl Into<String>) -> Self {
        Self(pattern.into())
    }

    /// Whether `name` is meant.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let mut parts = self.0.split('*');
        let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or_default()) else {
            return false;
        };
        let parts: Vec<&str> = parts.collect();
        let Some((last, between)) = parts.split_last() else {
            return rest.is_empty(); // no `*` at all
        };
        for part in between {
            let Some(at) = rest.find(part) else {
                return false;
            };
            rest = &rest[at + part.len()..];
        }
        rest.ends_with(last)
    }
}

/// What the first pattern that matches has beside it.
pub(super) fn first<'a, T>(list: &'a [(Pattern, T)], name: &str) -> Option<&'a T> {
    let found = list.iter().find(|(pattern, _)| pattern.matches(name));
    found.map(|(_, value)| value)
}

/// Whether any of them matches.
pub(super) fn any(list: &[Pattern], name: &str) -> bool {
    list.iter().any(|pattern| pattern.matches(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_match_whole_or_by_pattern() {
        for (pattern, name, matches) in [
            ("page", "page", true),
            ("page", "pages", false),
            ("page", "Page", false),
            ("*", "", true),
            ("page*", "page-view", true),
            ("*-view", "page-view", true),
            ("p*-*w", "page-view", true),
            ("p*x*w", "page-view", false),
            ("", "", true),
            ("", "a", false),
            ("a*a", "a", false),
        ] {
            assert_eq!(
                Pattern::new(pattern).matches(name),
                matches,
                "{pattern} {name}"
            );
        }
    }
}
