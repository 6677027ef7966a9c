//! Names of Stellar assets in the spellings processors use.
//!
//! One asset comes as `USDC:GBQL…`, as `USDC` with the issuer in another field, padded with NUL
//! (`USD\0`), and the native one as `native`, `XLM`, `XLM:` or an empty code.

use std::borrow::Cow;

/// An asset, whatever spelling it came in.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Asset<'a> {
    /// Its code without padding; `XLM` for the native asset.
    pub code: Cow<'a, str>,
    /// The account that issues it, if it was named; never for the native asset.
    pub issuer: Option<Cow<'a, str>>,
}

/// The code of the native asset.
const LUMENS: &str = "XLM";

impl<'a> Asset<'a> {
    /// Reads a code, a canonical `CODE:ISSUER`, or one of the spellings of the native asset.
    #[must_use]
    pub fn parse(text: &'a str) -> Self {
        let (code, issuer) = text.split_once(':').unwrap_or((text, ""));
        Self::of(code, issuer)
    }

    /// An asset whose code and issuer stand apart; an empty issuer is none. `code` may be
    /// canonical all the same.
    #[must_use]
    pub fn of(code: &'a str, issuer: &'a str) -> Self {
        if issuer.is_empty() && code.contains(':') {
            return Self::parse(code);
        }
        let code = code.trim_end_matches('\0');
        let native = issuer.is_empty() && matches!(code, "native" | "" | LUMENS);
        Self {
            code: Cow::Borrowed(if native { LUMENS } else { code }),
            issuer: (!issuer.is_empty()).then_some(Cow::Borrowed(issuer)),
        }
    }

    /// True for lumens: the code `XLM` without an issuer.
    #[must_use]
    pub fn is_native(&self) -> bool {
        self.issuer.is_none() && self.code == LUMENS
    }

    /// True if `self` and `other` can be the same asset: equal codes, and equal issuers as far as
    /// both are known. Lumens are no issued asset with the code `XLM`.
    #[must_use]
    pub fn matches(&self, other: &Asset<'_>) -> bool {
        if self.code != other.code || self.is_native() != other.is_native() {
            return false;
        }
        match (&self.issuer, &other.issuer) {
            (Some(mine), Some(theirs)) => mine == theirs,
            _ => true,
        }
    }

    /// `native` or `CODE:ISSUER`; the bare code if no issuer was named.
    #[must_use]
    pub fn canonical(&self) -> String {
        match &self.issuer {
            _ if self.is_native() => "native".to_owned(),
            Some(issuer) => format!("{}:{issuer}", self.code),
            None => self.code.clone().into_owned(),
        }
    }
}

/// True for `native` and for `CODE:ISSUER` with an issuer that can be an account's address: what
/// token contracts of classic assets name themselves in their topics.
pub(super) fn is_canonical(text: &str) -> bool {
    text == "native"
        || text.split_once(':').is_some_and(|(code, issuer)| {
            (1..=12).contains(&code.len()) && issuer.len() == 56 && issuer.starts_with('G')
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "GBQLHN7QXLK3OQAR5GAA7KDILA7BL7THDH3BLPOZWRMHMJPWTOZAFYWC";

    #[test]
    fn spellings_of_one_asset_read_alike() {
        for lumens in ["native", "XLM", "XLM:", ""] {
            let asset = Asset::parse(lumens);
            assert!(asset.is_native(), "{lumens}");
            assert_eq!(asset.canonical(), "native");
        }
        let canonical = format!("USD:{ISSUER}");
        assert_eq!(Asset::parse(&canonical), Asset::of("USD\0", ISSUER));
        assert_eq!(Asset::of("USD\0", ISSUER).canonical(), canonical);
        assert_eq!(Asset::of(&canonical, ""), Asset::parse(&canonical));
        assert!(!Asset::of("XLM", ISSUER).is_native());
    }

    #[test]
    fn a_bare_code_matches_any_issuer_but_lumens_only_lumens() {
        let issued = format!("USDC:{ISSUER}");
        let scam = format!("XLM:{ISSUER}");
        for (one, other, same) in [
            ("USDC", issued.as_str(), true),
            ("USDC", "usdc", false),
            ("USDC:GA", issued.as_str(), false),
            ("XLM", "native", true),
            ("native", "XLM:", true),
            ("native", scam.as_str(), false),
        ] {
            let (a, b) = (Asset::parse(one), Asset::parse(other));
            assert_eq!(a.matches(&b), same, "{one} {other}");
            assert_eq!(b.matches(&a), same, "{other} {one}");
        }
    }

    #[test]
    fn canonical_text_is_told_from_other_symbols() {
        assert!(is_canonical("native"));
        assert!(is_canonical(&format!("USDC:{ISSUER}")));
        for text in ["", "USDC", "a:b", "SoroswapPair"] {
            assert!(!is_canonical(text), "{text}");
        }
    }
}
