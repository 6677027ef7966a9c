//! Templates of a whole profile, in one walk over its values.

use toml::Value;

use super::secret::Secrets;
use super::template::{self, Outside};

/// Fills in all texts of a table and its masked twin, in step.
pub(super) struct Filling<'a> {
    pub(super) outside: &'a Outside<'a>,
    pub(super) secrets: Secrets,
    /// Where the walk is; where it stopped if it failed.
    pub(super) path: Vec<String>,
}

impl Filling<'_> {
    /// Fills in `table`, and `shown` with secrets masked; both have the same keys.
    pub(super) fn table(
        &mut self,
        table: &mut toml::Table,
        shown: &mut toml::Table,
    ) -> Result<(), String> {
        for ((key, value), (_, twin)) in table.iter_mut().zip(shown.iter_mut()) {
            self.path.push(key.to_owned());
            self.value(value, twin)?;
            self.path.pop();
        }
        Ok(())
    }

    /// True where a text has templates that are filled in whenever it is used: the replies of
    /// responders.
    fn has_later_templates(&self) -> bool {
        let path: Vec<_> = self.path.iter().map(String::as_str).collect();
        matches!(path[..], ["websocketmq", "responders", _, "reply"])
    }

    fn value(&mut self, value: &mut Value, twin: &mut Value) -> Result<(), String> {
        match (value, twin) {
            (Value::String(text), Value::String(shown)) if template::present(text) => {
                let filled = if self.has_later_templates() {
                    template::fill_outside(text, self.outside)?
                } else {
                    template::fill(text, self.outside)?
                };
                for secret in &filled.secrets {
                    self.secrets.add(secret);
                }
                *text = filled.text;
                *shown = filled.shown;
            }
            (Value::Array(items), Value::Array(twins)) => {
                for (n, (item, twin)) in items.iter_mut().zip(twins).enumerate() {
                    self.path.push(n.to_string());
                    self.value(item, twin)?;
                    self.path.pop();
                }
            }
            (Value::Table(table), Value::Table(twin)) => self.table(table, twin)?,
            _ => {}
        }
        Ok(())
    }
}
