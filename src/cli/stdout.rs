//! Standard output of the headless commands.

use std::io;
use std::time::Duration;

use tokio::io::{AsyncWriteExt as _, Stdout};
use tokio_util::sync::CancellationToken;

use crate::profile::Secrets;

/// Bytes collected before they are written although more is coming.
pub(super) const CHUNK: usize = 256 << 10;
/// How long a reader that takes nothing is waited for after an interrupt.
const GRACE: Duration = Duration::from_secs(1);

/// Writes lines in large pieces, and gives up on a reader that has stopped reading once the run
/// has been interrupted.
#[derive(Debug)]
pub(super) struct Output {
    stdout: Stdout,
    interrupt: CancellationToken,
    secrets: Secrets,
}

impl Output {
    /// What is written has `secrets` masked: a frame that carries one is shown without it.
    pub(super) fn new(interrupt: CancellationToken, secrets: Secrets) -> Self {
        Self {
            stdout: tokio::io::stdout(),
            interrupt,
            secrets,
        }
    }

    /// Writes and flushes all of `text`, whole lines, and empties it. A closed pipe is an error of that kind;
    /// [`exit::code`](super::exit::code) makes it a success.
    pub(super) async fn write(&mut self, text: &mut String) -> io::Result<()> {
        if text.is_empty() {
            return Ok(());
        }
        if !self.secrets.is_empty() {
            *text = self.secrets.mask(text);
        }
        let interrupt = self.interrupt.clone();
        let overdue = async {
            interrupt.cancelled().await;
            tokio::time::sleep(GRACE).await;
        };
        let written = async {
            self.stdout.write_all(text.as_bytes()).await?;
            self.stdout.flush().await
        };
        let result = tokio::select! {
            result = written => result,
            () = overdue => Err(io::Error::new(
                io::ErrorKind::TimedOut,
                "writing to stdout: the reader takes nothing; what was left is lost",
            )),
        };
        text.clear();
        result
    }
}
