//! What was sent and not answered, as documents to be sent again.

use std::fs::File;
use std::io::{BufWriter, Write as _};
use std::path::PathBuf;

use anyhow::Context as _;

use super::desk::Desk;
use crate::cli::exit;
use crate::compose;

/// The file such documents go to. Made before anything is sent, so that it is known to be writable.
pub(super) struct Unacked {
    file: File,
    path: PathBuf,
}

impl Unacked {
    /// Makes the file, or empties it.
    pub(super) fn create(path: PathBuf) -> anyhow::Result<Self> {
        let made = File::create(&path);
        let file = made.map_err(|error| {
            exit::usage(format!("{} cannot be written: {error}", path.display()))
        })?;
        Ok(Self { file, path })
    }

    /// Writes a document per line, and says how to send them again.
    pub(super) fn write(self, desk: &Desk, target: &str) -> anyhow::Result<()> {
        let commands = desk.unacked();
        let mut out = BufWriter::new(&self.file);
        let mut count = 0;
        for document in commands
            .iter()
            .filter_map(|command| compose::written(command))
        {
            let written = writeln!(out, "{document}");
            written.with_context(|| format!("writing {}", self.path.display()))?;
            count += 1;
        }
        let flushed = out.flush();
        flushed.with_context(|| format!("writing {}", self.path.display()))?;
        if count > 0 {
            let path = self.path.display();
            exit::warn(&format!(
                "{count} documents without an answer are in {path}; send them again, ids and all, \
                 with `wspect send {target} {path}`"
            ));
        }
        Ok(())
    }
}
