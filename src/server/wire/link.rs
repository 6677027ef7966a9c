//! A reader and a writer that together do what both Go libraries do by themselves: answer pings,
//! answer closes, complain about framing errors.

use std::io;

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};

use super::{Decoder, Incoming, ReadError, Reader, Writer, encode};

/// What a server's read loop sees.
#[derive(Debug)]
pub enum Received {
    /// A text message.
    Text(Bytes),
    /// A binary message.
    Binary(Bytes),
    /// A ping; its pong has been written.
    Ping(Bytes),
    /// A pong.
    Pong(Bytes),
}

/// How a conversation ended. Whatever frame the library writes for it has been written.
#[derive(Debug)]
pub enum Ending {
    /// The client closed, with that payload; the echo has been written.
    Closed(Bytes),
    /// The client broke the protocol; the close frame, if any, has been written.
    Violation(super::Violation),
    /// TCP ended without a close frame.
    Eof,
    /// Reading or writing failed.
    Socket(io::Error),
}

/// Both directions of one connection.
#[derive(Debug)]
pub struct Link<R = OwnedReadHalf, W = OwnedWriteHalf> {
    reader: Reader<R>,
    writer: Writer<W>,
}

impl Link {
    /// A link over an upgraded TCP connection.
    #[must_use]
    pub fn tcp(stream: TcpStream, decoder: Decoder) -> Self {
        let (read, write) = stream.into_split();
        Self::new(read, write, decoder)
    }
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Link<R, W> {
    /// A link over two halves.
    pub fn new(read: R, write: W, decoder: Decoder) -> Self {
        Self {
            reader: Reader::new(read, decoder),
            writer: Writer::new(write),
        }
    }

    /// The writing half, to be cloned into other tasks.
    #[must_use]
    pub fn writer(&self) -> &Writer<W> {
        &self.writer
    }

    /// The next thing the server's own code has to know of. Cancel safe, but for a pong or an echo
    /// that was still waiting for its turn to be written.
    pub async fn recv(&mut self) -> Result<Received, Ending> {
        match self.reader.next().await {
            Ok(Incoming::Text(payload)) => Ok(Received::Text(payload)),
            Ok(Incoming::Binary(payload)) => Ok(Received::Binary(payload)),
            Ok(Incoming::Pong(payload)) => Ok(Received::Pong(payload)),
            Ok(Incoming::Ping(payload)) => match self.writer.pong(&payload).await {
                Ok(()) => Ok(Received::Ping(payload)),
                Err(error) => Err(Ending::Socket(error)),
            },
            Ok(Incoming::Close(payload)) => {
                let flavour = self.reader.decoder().flavour();
                let answered = self
                    .writer
                    .with(|out| encode::close_echo(flavour, &payload, out))
                    .await;
                Err(answered.map_or_else(Ending::Socket, |()| Ending::Closed(payload)))
            }
            Err(ReadError::Violation(violation)) => {
                let answered = match &violation.close {
                    Some((code, reason)) => self.writer.close(Some(*code), reason).await,
                    None => Ok(()),
                };
                Err(answered.map_or_else(Ending::Socket, |()| Ending::Violation(violation)))
            }
            Err(ReadError::Eof) => Err(Ending::Eof),
            Err(ReadError::Socket(error)) => Err(Ending::Socket(error)),
        }
    }
}
