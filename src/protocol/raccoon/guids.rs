//! The guids of the batches sent on one connection.

use std::collections::HashMap;
use std::hash::BuildHasher as _;

use crate::frame::FrameKind;

/// Guids remembered; at the bound all are forgotten, and repetitions across it are not told.
const GUIDS_MAX: usize = 65_536;

/// The guids sent on this connection, by hash, each with the opcode of its batch.
#[derive(Default)]
pub(super) struct Guids {
    sent: HashMap<u64, FrameKind, foldhash::fast::RandomState>,
}

impl Guids {
    /// True if this guid was sent before.
    pub(super) fn remember(&mut self, guid: &str, kind: FrameKind) -> bool {
        if self.sent.len() >= GUIDS_MAX {
            self.sent.clear();
        }
        let key = self.sent.hasher().hash_one(guid);
        self.sent.insert(key, kind).is_some()
    }

    /// A diagnosis if the batch of this guid went out with another opcode.
    pub(super) fn mismatch(&self, guid: &str, kind: FrameKind) -> Option<&'static str> {
        let key = self.sent.hasher().hash_one(guid);
        let differs = self.sent.get(&key).is_some_and(|sent| *sent != kind);
        differs.then_some(
            "the reply's opcode differs from its batch's: a Raccoon server answers text with text and binary with binary",
        )
    }
}
