//! What of an event can be compared as documented: every account, asset and amount it names.

use std::borrow::Cow;
use std::cmp::Ordering;

use crate::schema::scan;

const ACCOUNTS: [&str; 15] = [
    "buyer_account_id",
    "seller_account_id",
    "source_account_id",
    "destination_account_id",
    "account_id",
    "account",
    "funder",
    "seller_id",
    "buyer_id",
    "counterparty_id",
    "invoking_account",
    "creator_account",
    "executor_account",
    "recipient",
    "contract_id",
];
/// Each with the member that holds its issuer, if not in the same text.
const ASSETS: [(&str, &str); 7] = [
    ("asset_code", "asset_issuer"),
    ("code", "issuer"),
    ("sell_asset", ""),
    ("buy_asset", ""),
    ("base_asset", "base_issuer"),
    ("quote_asset", "quote_issuer"),
    ("counter_asset", ""),
];
/// Each with true if it is in stroops.
const AMOUNTS: [(&str, bool); 5] = [
    ("amount", false),
    ("starting_balance", false),
    ("sell_amount", false),
    ("buy_amount", false),
    ("amount_a", true),
];

pub(super) struct Named<'a> {
    pub(super) path: Cow<'static, str>,
    pub(super) text: Cow<'a, str>,
}

pub(super) struct Amount<'a> {
    pub(super) path: Cow<'static, str>,
    pub(super) text: Cow<'a, str>,
    pub(super) stroops: bool,
    pub(super) value: Decimal,
}

#[derive(Default)]
pub(super) struct Fields<'a> {
    pub(super) accounts: Vec<Named<'a>>,
    pub(super) assets: Vec<(Named<'a>, Asset)>,
    pub(super) amounts: Vec<Amount<'a>>,
}

impl<'a> Fields<'a> {
    pub(super) fn read(event: &'a [u8]) -> Self {
        let mut fields = Self::default();
        for (key, value) in scan::members(event) {
            let named = |name: &&str| scan::key_is(key, name);
            if let Some(name) = ACCOUNTS.iter().find(|name| named(name)) {
                fields.accounts.extend(string(name, value));
            } else if let Some((name, issuer)) = ASSETS.iter().find(|(name, _)| named(name)) {
                let Some(asset) = string(name, value) else {
                    continue;
                };
                let issuer = scan::member(event, issuer).and_then(scan::string);
                let parsed = Asset::of(&asset.text, issuer.as_deref());
                fields.assets.push((asset, parsed));
            } else if let Some((name, stroops)) = AMOUNTS.iter().find(|(name, _)| named(name)) {
                fields.amount(Cow::Borrowed(name), value, *stroops);
            } else if scan::key_is(key, "data_decoded")
                && let Some(value) = scan::member(value, "value")
            {
                fields.amount(Cow::Borrowed("data_decoded.value"), value, true);
            }
        }
        fields
    }

    fn amount(&mut self, path: Cow<'static, str>, value: &'a [u8], stroops: bool) {
        let text = scan::string(value).unwrap_or_else(|| String::from_utf8_lossy(value));
        let stroops = stroops || !text.contains('.');
        if let Some(value) = Decimal::parse(&text) {
            self.amounts.push(Amount {
                path,
                value: if stroops { value.shifted(7) } else { value },
                text,
                stroops,
            });
        }
    }
}

fn string<'a>(name: &'static str, value: &'a [u8]) -> Option<Named<'a>> {
    scan::string(value).map(|text| Named {
        path: Cow::Borrowed(name),
        text,
    })
}

/// What asset a text means.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Asset {
    Native,
    /// A code without an issuer.
    Bare(String),
    /// `CODE:ISSUER`
    Issued(String),
}

impl Asset {
    pub(super) fn of(text: &str, issuer: Option<&str>) -> Self {
        let text = text.trim_end_matches('\0');
        let issuer = issuer.unwrap_or_default();
        match (text, text.split_once(':')) {
            ("native" | "XLM" | "XLM:", _) if issuer.is_empty() => Self::Native,
            ("", _) => Self::Bare(String::new()),
            (_, Some((code, issuer))) => {
                Self::Issued(format!("{}:{issuer}", code.trim_end_matches('\0')))
            }
            (code, None) if issuer.is_empty() => Self::Bare(code.to_owned()),
            (code, None) => Self::Issued(format!("{code}:{issuer}")),
        }
    }

    pub(super) fn code(&self) -> &str {
        match self {
            Self::Native => "XLM",
            Self::Bare(code) => code,
            Self::Issued(both) => both.split(':').next().unwrap_or_default(),
        }
    }
}

/// An exact decimal: a sign, the digits before the point and those behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    negative: bool,
    whole: String,
    part: String,
}

impl Decimal {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (negative, digits) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
        let sound = all_digits(whole) && all_digits(part) && whole.len() + part.len() > 0;
        (sound && text.len() < 1024).then(|| Self::new(negative, whole, part))
    }

    fn new(negative: bool, whole: &str, part: &str) -> Self {
        let whole = whole.trim_start_matches('0').to_owned();
        let part = part.trim_end_matches('0').to_owned();
        let negative = negative && !(whole.is_empty() && part.is_empty());
        Self {
            negative,
            whole,
            part,
        }
    }

    /// Divided by ten to the power of `places`.
    fn shifted(&self, places: usize) -> Self {
        let padded = format!("{:0>width$}", self.whole, width = places);
        let (whole, part) = padded.split_at(padded.len() - places);
        Self::new(self.negative, whole, &format!("{part}{}", self.part))
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let magnitude = |a: &Self, b: &Self| {
            (a.whole.len().cmp(&b.whole.len()))
                .then_with(|| a.whole.cmp(&b.whole))
                .then_with(|| a.part.cmp(&b.part))
        };
        match (self.negative, other.negative) {
            (false, false) => magnitude(self, other),
            (true, true) => magnitude(other, self),
            (negative, _) => negative.cmp(&false).reverse(),
        }
    }
}
