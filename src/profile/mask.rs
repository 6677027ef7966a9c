//! What is secret in a profile by the names of its keys.

use toml::Value;

use super::format::Profile;
use super::secret::{self, MASK, Secrets};

/// Remembers what the names of headers, parameters and members say is secret.
pub(super) fn learn(profile: &Profile, secrets: &mut Secrets) {
    secrets.add_url(&profile.url);
    let raccoon = &profile.raccoon;
    let twins = [&raccoon.rest_url, &raccoon.grpc_url];
    for url in twins
        .into_iter()
        .chain([&raccoon.health, &raccoon.metrics_url])
    {
        secrets.add_url(url.as_deref().unwrap_or_default());
    }
    for (name, value) in &profile.headers {
        let items = value.as_array().map_or(&[][..], Vec::as_slice);
        for value in items.iter().chain([value]).filter_map(Value::as_str) {
            secrets.add_header(name, value);
        }
    }
    for text in profile.on_open.iter().filter_map(|step| step.send.as_ref()) {
        secrets.add_json(text);
    }
}

/// Masks what names say is secret, in place.
pub(super) fn mask(table: &mut toml::Table) {
    mask_table(table, &mut Vec::new());
}

fn mask_table(table: &mut toml::Table, path: &mut Vec<String>) {
    for (key, value) in table.iter_mut() {
        path.push(key.to_owned());
        mask_value(value, path);
        path.pop();
    }
}

fn mask_value(value: &mut Value, path: &mut Vec<String>) {
    match value {
        Value::Table(table) => mask_table(table, path),
        Value::Array(items) => items.iter_mut().for_each(|item| mask_value(item, path)),
        Value::String(text) => {
            // `tls.key` is a file's path; every other name speaks for itself.
            let in_headers = path.first().is_some_and(|first| first == "headers");
            let secret_name = path.last().is_some_and(|name| secret::is_secret_name(name));
            if in_headers && secret_name {
                *text = shown_header(text);
            } else {
                *text = secret::mask_json(&secret::mask_url(text));
            }
        }
        _ => {}
    }
}

/// A secret header's value for showing: one template may stay, since it only says where the
/// secret is.
fn shown_header(text: &str) -> String {
    let is_template = text.starts_with("${") && text.find('}') == Some(text.len() - 1);
    if is_template || text.is_empty() {
        text.to_owned()
    } else {
        MASK.to_owned()
    }
}
