//! Single values of filters that cannot be what they should be: keys down to their checksum, asset
//! codes, amounts. The server checks none of them.

use super::{Advice, Effect};
use crate::protocol::savetowebsocket::strkey::{self, Kind, StrkeyError};

/// Longest asset code.
const CODE_MAX: usize = 12;

/// What is wrong with an account id; an empty one is not looked at.
pub(super) fn account(text: &str) -> Option<Advice> {
    if text.is_empty() {
        return None;
    }
    let never = |why: String| Advice::new("account_ids", Effect::NeverMatches, why).about(text);
    let only = "buyer and seller, which alone are compared, are accounts (G…)";
    Some(match strkey::decode(text) {
        Ok(key) => match key.kind() {
            Kind::Account => return None,
            Kind::Muxed => {
                let advice = never(format!("this is a multiplexed account (M…): {only}"));
                match key.account() {
                    Some(account) => advice.fixed(format!("write its account, {account}")),
                    None => advice,
                }
            }
            Kind::Seed => {
                let why = "this is a SECRET SEED (S…), which signs for its account: never send it anywhere";
                let advice = Advice::new("account_ids", Effect::NeverMatches, why);
                let fix = "take it away, and hold it for known to others if it was sent";
                advice.about(text).fixed(fix)
            }
            other => never(format!(
                "this is a {} ({}…): {only}",
                other.name(),
                other.letter()
            )),
        },
        Err(error) => repaired(
            never(format!("{} is no account id: {error}", short(text))),
            text,
            &error,
        ),
    })
}

/// What is wrong with an asset that names an issuer, or looks as if it did.
pub(super) fn asset(text: &str) -> Option<Advice> {
    let never = |why: String| Advice::new("asset_codes", Effect::NeverMatches, why).about(text);
    if text.is_empty() {
        let why = "an empty asset code is that of asset statistics of lumens alone";
        let advice = Advice::new("asset_codes", Effect::Suspicious, why);
        return Some(advice.about(text).fixed("leave it out"));
    }
    if text.trim() != text {
        let why = "white space around the asset, which is compared too";
        return Some(never(why.to_owned()).fixed(format!("write `{}`", text.trim())));
    }
    if text != "native" && text.eq_ignore_ascii_case("native") {
        let why = "letter case counts: lumens are `native`";
        return Some(never(why.to_owned()).fixed("write `native`"));
    }
    if let Some((code, issuer)) = text
        .split_once(['-', '/'])
        .filter(|(code, issuer)| !code.contains(':') && strkey::check(issuer) == Ok(Kind::Account))
    {
        let why = "between code and issuer stands a colon";
        return Some(never(why.to_owned()).fixed(format!("write `{code}:{issuer}`")));
    }
    if strkey::check(text) == Ok(Kind::Account) {
        let why = "this is an account, no asset: assets are CODE:ISSUER or `native`";
        return Some(never(why.to_owned()));
    }
    let (code, issuer) = text.split_once(':')?;
    if (code, issuer) == ("XLM", "") {
        // What order books call lumens; they have no `asset_code` to be compared.
        let why = "lumens are `native` wherever assets are compared";
        return Some(never(why.to_owned()).fixed("write `native`"));
    }
    if let Some(why) = wrong_code(code) {
        return Some(never(why));
    }
    Some(match strkey::check(issuer) {
        Ok(Kind::Account) => return None,
        Ok(other) => never(format!(
            "the issuer of {code} is a {} ({}…); issuers are accounts (G…)",
            other.name(),
            other.letter()
        )),
        Err(StrkeyError::Empty) => never(format!("behind `{code}:` stands no issuer")),
        Err(error) => {
            let advice = never(format!("the issuer of {code} is no account id: {error}"));
            repaired(advice, issuer, &error)
        }
    })
}

/// What is wrong with an amount, which only the documentation compares.
pub(super) fn amount(text: &str) -> Option<Advice> {
    if text.is_empty() || is_decimal(text) {
        return None;
    }
    let why = "min_amount is no decimal number, so not even the documented meaning can compare it";
    let advice = Advice::new("min_amount", Effect::Suspicious, why).about(text);
    let plain: String = text.chars().filter(|c| !"_, '".contains(*c)).collect();
    Some(if is_decimal(&plain) {
        advice.fixed(format!("write `{plain}`"))
    } else {
        advice.fixed("write for example 100 or 0.5")
    })
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    is_number(whole) && is_number(part)
}

fn wrong_code(code: &str) -> Option<String> {
    if code.is_empty() {
        return Some("before the colon stands no asset code".to_owned());
    }
    if let Some(odd) = code.chars().find(|c| !c.is_ascii_alphanumeric()) {
        return Some(format!(
            "an asset code has letters and digits only, not {odd:?}"
        ));
    }
    (code.len() > CODE_MAX).then(|| {
        format!(
            "an asset code has at most {CODE_MAX} characters, {} has {}",
            short(code),
            code.len()
        )
    })
}

/// With what a wrong key may have been meant as.
fn repaired(advice: Advice, key: &str, error: &StrkeyError) -> Advice {
    match error {
        StrkeyError::Spaced => advice.fixed(format!("write {}", key.trim())),
        StrkeyError::SmallLetters => advice.fixed(format!("write {}", key.to_ascii_uppercase())),
        _ => match strkey::repair(key).filter(|repair| repair.key.starts_with('G')) {
            Some(repair) => advice.fixed(format!("{}; compare it with its source", repair.told())),
            None => advice,
        },
    }
}

/// A long text by its ends.
fn short(text: &str) -> String {
    let count = text.chars().count();
    if count <= 16 {
        return format!("`{text}`");
    }
    let first: String = text.chars().take(5).collect();
    let last: String = text.chars().skip(count - 4).collect();
    format!("`{first}…{last}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: &str = "GAV5QBWJP4HABLY2D7BTFD5HMOUSNFZDZDNY7LCPSOXXDWYYNVXJBKNV";
    const C: &str = "CAB5QQDTDZ5YJZW7LWGKK67CHVBOUL4IJ5ELWNRZKYYO7Q7PV4EFJJ6G";

    fn said(advice: Option<Advice>) -> String {
        advice.map_or(String::new(), |advice| {
            format!("{}: {}", advice.effect.name(), advice.sentence())
        })
    }

    fn key(kind: Kind, len: usize) -> String {
        strkey::encode(kind, &vec![7; len]).unwrap()
    }

    #[test]
    fn accounts_by_case() {
        let muxed = key(Kind::Muxed, 40);
        for (text, part) in [
            (A.to_owned(), ""),
            (String::new(), ""),
            (
                A.replacen('Q', "O", 1),
                "with Q as character 5 it is a key; compare it with its source",
            ),
            (A.replacen('Q', "0", 1), "character 5 is '0'"),
            (A[..20].to_owned(), "`GAV5Q…D7BT`"),
            ("alice".to_owned(), "`alice` is no account id"),
            (format!(" {A}"), "write GAV5"),
            (A.to_lowercase(), "write GAV5"),
            (C.to_owned(), "a contract (C…): buyer and seller"),
            (muxed, "write its account, GADQ"),
            (key(Kind::Pool, 32), "a liquidity pool (L…)"),
            (key(Kind::Seed, 32), "SECRET SEED"),
        ] {
            let said = said(account(&text));
            assert!(
                said.contains(part) && said.is_empty() == part.is_empty(),
                "{text}: {said}"
            );
        }
    }

    #[test]
    fn assets_by_case() {
        for (text, part) in [
            ("native".to_owned(), ""),
            ("USDC".to_owned(), ""),
            (format!("USDC:{A}"), ""),
            (format!("USDC-{A}"), "stands a colon: write `USDC:GAV5"),
            (format!("USDC:{C}"), "issuers are accounts (G…)"),
            (format!("USDC:{}", &A[..55]), "no account id: 55 characters"),
            (format!("US D:{A}"), "not ' '"),
            (format!("{}:{A}", "A".repeat(13)), "at most 12"),
            ("USDC:".to_owned(), "no issuer"),
            (format!(":{A}"), "no asset code"),
            ("XLM:".to_owned(), "write `native`"),
            ("Native".to_owned(), "write `native`"),
            (" native".to_owned(), "white space"),
            (A.to_owned(), "an account, no asset"),
        ] {
            let said = said(asset(&text));
            assert!(
                said.contains(part) && said.is_empty() == part.is_empty(),
                "{text}: {said}"
            );
        }
    }

    #[test]
    fn amounts_by_case() {
        for (text, part) in [
            ("", ""),
            ("100", ""),
            ("-0.5000000", ""),
            ("1,000", "write `1000`"),
            ("1e3", "for example"),
            ("abc", "no decimal number"),
        ] {
            let said = said(amount(text));
            assert!(
                said.contains(part) && said.is_empty() == part.is_empty(),
                "{text}: {said}"
            );
        }
    }
}
