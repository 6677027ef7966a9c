//! A client that sends any frame one asks it to, right or wrong, and reports every frame it gets.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use crate::transcript::Frame;

/// Frames a connection may be behind with before it stops reading.
const BACKLOG: usize = 100_000;

/// How long anything expected may take beyond the time it is due.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// One TCP connection to a server.
pub(crate) struct Connection {
    write: OwnedWriteHalf,
    read: Option<BufReader<OwnedReadHalf>>,
    frames: Option<mpsc::Receiver<Frame>>,
    reading: Option<JoinHandle<()>>,
}

impl Connection {
    pub(crate) async fn dial(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address)
            .await
            .expect("the server listens");
        Self::over(stream)
    }

    /// A connection whose receive buffer is as small as it gets.
    pub(crate) async fn dial_narrow(address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        Self::over(socket.connect(address).await.expect("the server listens"))
    }

    fn over(stream: TcpStream) -> Self {
        stream.set_nodelay(true).unwrap();
        let (read, write) = stream.into_split();
        Self {
            write,
            read: Some(BufReader::new(read)),
            frames: None,
            reading: None,
        }
    }

    /// Writes bytes. That the server may have hung up shows when reading.
    pub(crate) async fn write(&mut self, bytes: &[u8]) {
        let _ = self.write.write_all(bytes).await;
    }

    /// Reads an HTTP answer, its body by `Content-Length`; shorter if TCP ends first. Frames are
    /// read from then on if it is a 101.
    pub(crate) async fn answer(&mut self) -> Vec<u8> {
        let mut read = self.read.take().expect("still speaking HTTP");
        let mut bytes = Vec::new();
        while !bytes.ends_with(b"\r\n\r\n") {
            match read.read_u8().await {
                Ok(byte) => bytes.push(byte),
                Err(_) => break,
            }
        }
        let head = String::from_utf8_lossy(&bytes).into_owned();
        if head.starts_with("HTTP/1.1 101 ") {
            let (sender, receiver) = mpsc::channel(BACKLOG);
            self.reading = Some(tokio::spawn(read_frames(read, sender)));
            self.frames = Some(receiver);
            return bytes;
        }
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("Content-Length: "))
            .map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        let _ = read.read_exact(&mut body).await;
        bytes.extend(body);
        self.read = Some(read);
        bytes
    }

    pub(crate) async fn send(&mut self, frame: &Frame) {
        let bytes = encode(frame);
        self.write(&bytes).await;
    }

    /// Reads nothing from now on, while TCP stays open.
    pub(crate) async fn stop_reading(&mut self) {
        if let Some(reading) = self.reading.take() {
            reading.abort();
            let _ = reading.await;
        }
    }

    /// The next frame; `None` once TCP has ended.
    pub(crate) async fn receive(&mut self) -> Option<Frame> {
        self.frames.as_mut()?.recv().await
    }
}

async fn read_frames(mut read: BufReader<OwnedReadHalf>, sender: mpsc::Sender<Frame>) {
    while let Ok(frame) = read_frame(&mut read).await {
        if sender.send(frame).await.is_err() {
            break;
        }
    }
}

async fn read_frame(read: &mut BufReader<OwnedReadHalf>) -> std::io::Result<Frame> {
    let first = read.read_u8().await?;
    let second = read.read_u8().await?;
    let length = match second & 0x7f {
        126 => u64::from(read.read_u16().await?),
        127 => read.read_u64().await?,
        short => u64::from(short),
    };
    let mut payload = vec![0; usize::try_from(length).unwrap()];
    read.read_exact(&mut payload).await?;
    Ok(Frame {
        opcode: first & 0x0f,
        fin: first & 0x80 != 0,
        rsv: (first >> 4) & 7,
        masked: second & 0x80 != 0,
        payload,
        cut_from: None,
        count: 1,
    })
}

fn encode(frame: &Frame) -> Vec<u8> {
    let fin = if frame.fin { 0x80 } else { 0 };
    let mut bytes = vec![fin | (frame.rsv << 4) | frame.opcode];
    let masked = if frame.masked { 0x80 } else { 0 };
    match frame.payload.len() {
        short @ 0..=125 => bytes.push(masked | short as u8),
        medium @ 126..=0xffff => {
            bytes.push(masked | 0x7e);
            bytes.extend_from_slice(&(medium as u16).to_be_bytes());
        }
        long => {
            bytes.push(masked | 0x7f);
            bytes.extend_from_slice(&(long as u64).to_be_bytes());
        }
    }
    if frame.masked {
        let key = [0xa1, 0xb2, 0xc3, 0xd4];
        bytes.extend_from_slice(&key);
        bytes.extend(
            frame
                .payload
                .iter()
                .zip(key.iter().cycle())
                .map(|(b, k)| b ^ k),
        );
    } else {
        bytes.extend_from_slice(&frame.payload);
    }
    bytes
}
