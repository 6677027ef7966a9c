//! The one message of a request: a flag, a length, that many bytes.

use bytes::{Buf, Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Incoming};

use super::gzip::{self, GzipError};
use super::{Code, MESSAGE_MAX, Status};

/// The only encoding there is.
pub(super) const GZIP: &str = "gzip";

/// Flag and length.
const PREFIX: usize = 5;

/// Reads the first message; what follows it is not read, as grpc-go does not. A request without
/// any body never comes to an end here: grpc-go waits for a message that cannot come, until the
/// client's time is over.
pub(super) async fn read(mut body: Incoming, encoding: Option<&str>) -> Result<Bytes, Status> {
    if let Some(unknown) = encoding.filter(|&encoding| encoding != GZIP) {
        return Err(not_installed(unknown));
    }
    if body.is_end_stream() {
        std::future::pending::<()>().await;
    }
    let mut pieces = Pieces::default();
    pieces.gather(&mut body, PREFIX).await?;
    let prefix = pieces.take(PREFIX);
    let (flag, length) = (prefix[0], (&prefix[1..]).get_u32() as usize);
    if length > MESSAGE_MAX {
        let text = format!("grpc: received message larger than max ({length} vs. {MESSAGE_MAX})");
        return Err(Status::new(Code::ResourceExhausted, text));
    }
    pieces
        .gather(&mut body, length)
        .await
        .map_err(|_| cut_off())?;
    let message = pieces.take(length);
    match flag {
        0 => Ok(message),
        1 if encoding.is_some() => unpacked(&message),
        1 => Err(Status::new(
            Code::Internal,
            "grpc: compressed flag set with identity or empty encoding",
        )),
        other => Err(Status::new(
            Code::Internal,
            format!("grpc: received unexpected payload format {other}"),
        )),
    }
}

fn unpacked(message: &[u8]) -> Result<Bytes, Status> {
    match gzip::unpack(message, MESSAGE_MAX) {
        Ok(message) => Ok(Bytes::from(message)),
        Err(GzipError::TooLong(length)) => Err(Status::new(
            Code::ResourceExhausted,
            format!(
                "grpc: received message after decompression larger than max \
                 ({length} vs. {MESSAGE_MAX})"
            ),
        )),
        Err(error) => Err(Status::new(
            Code::Internal,
            format!("grpc: failed to decompress the received message: {error}"),
        )),
    }
}

fn not_installed(encoding: &str) -> Status {
    Status::new(
        Code::Unimplemented,
        format!("grpc: Decompressor is not installed for grpc-encoding {encoding:?}"),
    )
}

fn cut_off() -> Status {
    Status::new(Code::Unknown, "unexpected EOF")
}

/// What has been read of a body: usually one DATA frame holds the whole message, and is not copied.
#[derive(Default)]
struct Pieces {
    first: Bytes,
    joined: BytesMut,
}

impl Pieces {
    fn len(&self) -> usize {
        self.first.len() + self.joined.len()
    }

    /// Reads until there are `length` bytes.
    async fn gather(&mut self, body: &mut Incoming, length: usize) -> Result<(), Status> {
        while self.len() < length {
            let data = match body.frame().await {
                Some(Ok(frame)) => frame.into_data().unwrap_or_default(),
                Some(Err(error)) => {
                    tracing::debug!("grpc: the request broke off: {error}");
                    return Err(cut_off());
                }
                None if self.len() == 0 => return Err(Status::new(Code::Unknown, "EOF")),
                None => return Err(cut_off()),
            };
            if self.len() == 0 {
                self.first = data;
            } else {
                if self.joined.is_empty() {
                    self.joined
                        .extend_from_slice(&std::mem::take(&mut self.first));
                }
                self.joined.extend_from_slice(&data);
            }
        }
        Ok(())
    }

    /// Takes that many bytes, which must be there.
    fn take(&mut self, length: usize) -> Bytes {
        if self.joined.is_empty() {
            self.first.split_to(length)
        } else {
            self.joined.split_to(length).freeze()
        }
    }
}
