//! Values that have the right type and still cannot be meant.

/// Checks a header as RFC 9110 § 5 wants it: the name a token, the value without line ends or
/// other control characters.
pub fn check_header(name: &str, value: &str) -> Result<(), String> {
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    if name.is_empty() || !name.chars().all(is_token) {
        return Err(format!(
            "{name:?} is no header name; only letters, digits and -_.!#$%&'*+^`|~ may stand in it"
        ));
    }
    if let Some(bad) = value.chars().find(|&c| c.is_control() && c != '\t') {
        return Err(format!(
            "the value of header {name} has the character {bad:?}, which no header can carry"
        ));
    }
    Ok(())
}
