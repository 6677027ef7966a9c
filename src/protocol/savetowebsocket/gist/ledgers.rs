//! Ledgers and their figures.

use super::{Line, cut};
use crate::protocol::savetowebsocket::shape::{Fields, Key, Shape};

pub(super) fn tell(fields: &Fields<'_>, line: &mut Line) {
    match fields.shape() {
        Shape::AppMetrics | Shape::LatestLedger => {
            told(fields, Key::TransactionCount, "transactions", line);
            told(fields, Key::OperationCount, "operations", line);
        }
        Shape::Kale => {
            if let Some(block) = fields.figure(Key::BlockIndex) {
                line.part(format_args!("block {block}"));
            }
            told(fields, Key::Participants, "farmers", line);
            told(fields, Key::TotalStaked, "staked", line);
        }
        Shape::LedgerChanges => {
            let entry = fields.filled(Key::EntryType).unwrap_or_default();
            let entry = entry.strip_prefix("LedgerEntryType").unwrap_or(&entry);
            let change = fields.filled(Key::ChangeType).unwrap_or_default();
            line.part(format_args!("{} {}", cut(entry), cut(&change)));
            if let Some(key) = fields.filled(Key::ChangedEntry) {
                line.part(format_args!(
                    "key …{}",
                    key.get(key.len().saturating_sub(8)..).unwrap_or(&key)
                ));
            }
        }
        Shape::LedgerToJson => {
            told(
                fields,
                Key::SuccessfulTransactionCount,
                "transactions",
                line,
            );
            told(fields, Key::FailedTransactionCount, "failed", line);
        }
        Shape::Passthrough => told(fields, Key::TransactionCount, "transactions", line),
        _ => {}
    }
}

/// A count and what is counted.
fn told(fields: &Fields<'_>, key: Key, what: &str, line: &mut Line) {
    if let Some(count) = fields.figure(key) {
        line.part(format_args!("{count} {what}"));
    }
}
