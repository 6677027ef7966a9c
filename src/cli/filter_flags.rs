//! Which events of a `SaveToWebSocket` stream are wanted, on a command line.

use clap::Args;

use crate::protocol::savetowebsocket::Filters;
use crate::schema::json;

/// Filters of a `SaveToWebSocket` stream. What is given replaces that filter of the profile; the
/// other filters stay.
#[derive(Args, Clone, Debug, Default, PartialEq, Eq)]
#[command(next_help_heading = "SaveToWebSocket filters")]
pub struct FilterFlags {
    /// Event types; several with commas, or the option again.
    #[arg(long, value_name = "TYPE", value_delimiter = ',')]
    pub types: Vec<String>,
    /// Account ids (G…); the server looks at buyer and seller alone.
    #[arg(long = "account", value_name = "ID", value_delimiter = ',')]
    pub accounts: Vec<String>,
    /// Assets: CODE:ISSUER or native; the server compares whole texts.
    #[arg(long = "asset", value_name = "ASSET", value_delimiter = ',')]
    pub assets: Vec<String>,
    /// Smallest amount, which the real server keeps and never compares.
    #[arg(long, value_name = "AMOUNT", value_parser = decimal, allow_hyphen_values = true)]
    pub min_amount: Option<String>,
    /// Any JSON value, which the real server echoes and never reads.
    #[arg(long = "custom-filter", value_name = "JSON", value_parser = value)]
    pub custom: Option<String>,
    /// Begin without the profile's filters: everything, but for the filters given here.
    #[arg(long)]
    pub no_filters: bool,
}

impl FilterFlags {
    /// True if none is given.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The profile's filters with these in place of theirs.
    #[must_use]
    pub fn over(&self, profile: &Filters) -> Filters {
        let mut filters = if self.no_filters {
            Filters::default()
        } else {
            profile.clone()
        };
        for (given, list) in [
            (&self.types, &mut filters.types),
            (&self.accounts, &mut filters.account_ids),
            (&self.assets, &mut filters.asset_codes),
        ] {
            if !given.is_empty() {
                list.clone_from(given);
            }
        }
        if let Some(amount) = &self.min_amount {
            filters.min_amount.clone_from(amount);
        }
        if self.custom.is_some() {
            filters.custom.clone_from(&self.custom);
        }
        filters
    }

    /// The same on a command line.
    #[must_use]
    pub fn arguments(&self) -> Vec<String> {
        let mut out = Vec::new();
        for (flag, values) in [
            ("--types", self.types.as_slice()),
            ("--account", &self.accounts),
            ("--asset", &self.assets),
            ("--min-amount", self.min_amount.as_slice()),
            ("--custom-filter", self.custom.as_slice()),
        ] {
            for value in values {
                out.extend([flag.to_owned(), value.clone()]);
            }
        }
        if self.no_filters {
            out.push("--no-filters".to_owned());
        }
        out
    }
}

/// A decimal number, kept as it is written.
fn decimal(text: &str) -> Result<String, String> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if is_number(whole) && is_number(part) {
        Ok(text.to_owned())
    } else {
        Err("an amount is a decimal number: 100 or 0.5".to_owned())
    }
}

fn value(text: &str) -> Result<String, String> {
    match json::tree(text.as_bytes(), 0) {
        Ok(_) => Ok(text.to_owned()),
        Err(error) => Err(format!(
            "not JSON: {error}; a text needs its quotes: '\"text\"'"
        )),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        flags: FilterFlags,
    }

    fn flags(words: &[&str]) -> Result<FilterFlags, String> {
        let line = Line::try_parse_from([&["test"], words].concat());
        line.map(|line| line.flags)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn each_flag_replaces_that_filter_alone() {
        let profile = Filters {
            types: vec!["trade".to_owned()],
            asset_codes: vec!["native".to_owned()],
            ..Filters::default()
        };
        let given = flags(&[
            "--types",
            "payment,create_account",
            "--types=swap",
            "--account",
            "G1",
            "--min-amount",
            "0.5",
        ])
        .unwrap();
        let over = given.over(&profile);
        assert_eq!(over.types, ["payment", "create_account", "swap"]);
        assert_eq!(over.account_ids, ["G1"]);
        assert_eq!(over.asset_codes, ["native"]);
        assert_eq!(over.min_amount, "0.5");
        assert_eq!(FilterFlags::default().over(&profile), profile);
    }

    #[test]
    fn the_profiles_filters_can_be_left_aside() {
        let profile = Filters {
            types: vec!["trade".to_owned()],
            custom: Some("{}".to_owned()),
            ..Filters::default()
        };
        let none = flags(&["--no-filters"]).unwrap();
        assert_eq!(none.over(&profile), Filters::default());
        let one = flags(&["--no-filters", "--custom-filter", "[1]"]).unwrap();
        assert_eq!(one.over(&profile).custom.as_deref(), Some("[1]"));
    }

    #[test]
    fn they_are_written_as_they_are_read() {
        let words = [
            "--types",
            "a",
            "--types",
            "b",
            "--asset",
            "USDC:G",
            "--min-amount",
            "-1.50",
            "--custom-filter",
            "{\"a\": 1}",
            "--no-filters",
        ];
        let given = flags(&words).unwrap();
        assert_eq!(given.arguments(), words);
        assert!(!given.is_empty() && FilterFlags::default().is_empty());
    }

    #[test]
    fn what_is_no_amount_or_no_json_is_refused() {
        for amount in ["", "x", "1,5", "1.", ".5", "1e3", "--5"] {
            assert!(
                flags(&[&format!("--min-amount={amount}")]).is_err(),
                "{amount}"
            );
        }
        let error = flags(&["--custom-filter", "text"]).unwrap_err();
        assert!(error.contains("needs its quotes"), "{error}");
    }
}
