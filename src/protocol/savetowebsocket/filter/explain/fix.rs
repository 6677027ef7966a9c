//! The nearest thing that would have matched.

use super::super::super::{Asset, advice};
use super::quoted;
use crate::nearest;

/// Most values of a list that are looked through for a near one.
const LOOKED_AT: usize = 1_000;

/// What to write in `types` for an event of this type.
pub(super) fn kind(found: &str, listed: &[String]) -> String {
    if let Some(slip) = slip(found, listed) {
        return slip;
    }
    let meant = |listed: &&String| advice::meant(listed).is_some_and(|meant| meant == found);
    if let Some(listed) = listed.iter().take(LOOKED_AT).find(meant) {
        return format!(
            "no event has the type {}: write {}",
            quoted(listed),
            quoted(found)
        );
    }
    let near = nearest::one(found, listed.iter().take(LOOKED_AT).map(String::as_str));
    match near {
        Some(near) => format!("your list has {}: write {}", quoted(near), quoted(found)),
        None => format!("add {} to types", quoted(found)),
    }
}

/// What to write in `asset_codes` for an event with this asset.
pub(super) fn asset(found: &str, listed: &[String]) -> String {
    if let Some(slip) = slip(found, listed) {
        return slip;
    }
    let asset = Asset::parse(found);
    let same = |listed: &&String| {
        let listed = Asset::parse(listed);
        listed.is_native() == asset.is_native() && listed.code.eq_ignore_ascii_case(&asset.code)
    };
    let Some(near) = listed.iter().take(LOOKED_AT).find(same) else {
        return format!("add {} to asset_codes", quoted(found));
    };
    let differs = match (&Asset::parse(near).issuer, &asset.issuer) {
        (Some(_), Some(_)) => "the same code of another issuer",
        _ => "which is compared as a whole",
    };
    format!(
        "your list has {}, {differs}: write {}",
        quoted(near),
        quoted(found)
    )
}

/// A listed value that differs from `found` only in what is easily overlooked.
pub(super) fn slip(found: &str, listed: &[String]) -> Option<String> {
    let listed = || listed.iter().take(LOOKED_AT);
    let padding = |text: &str| text.trim_end_matches('\0') != text;
    if let Some(near) = listed().find(|near| near.trim() == found && *near != found) {
        return Some(format!(
            "your list has {} with white space around it: write {}",
            quoted(near),
            quoted(found)
        ));
    }
    if let Some(near) = listed().find(|near| near.eq_ignore_ascii_case(found) && *near != found) {
        return Some(format!(
            "your list has {}: letter case counts, write {}",
            quoted(near),
            quoted(found)
        ));
    }
    let padded = listed().find(|near| padding(found) && found.trim_end_matches('\0') == **near)?;
    Some(format!(
        "your list has {}: the event's code is padded with NUL, which the server compares too: write {}",
        quoted(padded),
        quoted(found)
    ))
}
