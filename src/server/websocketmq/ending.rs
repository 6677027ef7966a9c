//! The last frame of a connection, as the library of both generations writes it.

use std::future::Future;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::timeout;

use super::peer::CLOSE_WAIT;
use crate::server::wire::{Flavour, Incoming, ReadError, Reader, Violation, Writer, close_echo};

/// How long the last frame may take to be read before TCP is ended for good. Ending it while
/// bytes of the client are unread makes a reset of it, which can swallow that frame.
const LINGER: Duration = Duration::from_millis(250);

/// Bytes of the shortest frame header.
const HEADER: usize = 2;

/// Why a connection ends.
#[derive(Debug)]
pub(super) enum Ending {
    /// The client closed, with this payload.
    Closed(Bytes),
    /// We close, with this code and reason, and wait for the client's answer.
    Close(u16, &'static str),
    /// The client broke the protocol.
    Violation(Violation),
    /// TCP is gone, or not worth another frame.
    Lost,
}

impl From<ReadError> for Ending {
    fn from(error: ReadError) -> Self {
        match error {
            ReadError::Violation(violation) => Self::Violation(violation),
            ReadError::Eof | ReadError::Socket(_) => Self::Lost,
        }
    }
}

impl Ending {
    /// Writes what the library writes at such an end, then ends TCP.
    pub(super) async fn finish(self, reader: &mut Reader, writer: &Writer) {
        // However these go, the connection is over.
        match self {
            Self::Close(code, reason) => {
                // Behind whatever is being written, and answered if the client still reads.
                let _ = timeout(CLOSE_WAIT, async {
                    if writer.close(Some(code), reason).await.is_ok() {
                        answered(reader).await;
                    }
                })
                .await;
            }
            Self::Closed(payload) => {
                let echo = writer.with(|out| close_echo(Flavour::Coder, &payload, out));
                let _ = timeout(LINGER, last(echo, reader, writer)).await;
            }
            Self::Violation(violation) => {
                let Some((code, reason)) = &violation.close else {
                    return;
                };
                let close = writer.close(Some(*code), reason);
                if violation.ends_tcp() || reader.decoder().flavour() == Flavour::Nhooyr {
                    let _ = timeout(LINGER, last(close, reader, writer)).await;
                } else if close.await.is_ok() {
                    // The newer library leaves TCP to the client.
                    heard(reader).await;
                }
            }
            Self::Lost => {}
        }
    }
}

/// Writes the last frame and ends our half of TCP at once; then reads away what the client has
/// still sent, so that its end is no reset.
async fn last(
    frame: impl Future<Output = std::io::Result<()>>,
    reader: &mut Reader,
    writer: &Writer,
) {
    if frame.await.is_ok() && writer.shutdown().await.is_ok() {
        answered(reader).await;
    }
}

/// Waits until the client has sent anything more, which is taken for a frame header and ends TCP,
/// or has ended TCP itself.
pub(super) async fn heard(reader: &mut Reader) {
    if reader.decoder().unread() < HEADER {
        // Either way the connection is over.
        let _ = reader.fill().await;
    }
}

/// Reads on until the client has closed, or TCP has ended.
async fn answered(reader: &mut Reader) {
    loop {
        match reader.next().await {
            Ok(Incoming::Close(_)) | Err(_) => return,
            Ok(_) => {}
        }
    }
}
