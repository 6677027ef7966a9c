//! `wspect serve`: the URL first, then service, then an orderly end.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::program::{Home, run};

/// A server that is killed if the test does not stop it.
struct Serving {
    child: Child,
    url: String,
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Serving {
    fn start(home: &Home, words: &[&str]) -> Self {
        let words = [&["serve"], words, &["--listen", "127.0.0.1:0"]].concat();
        let mut command = home.command(&words);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut url = String::new();
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        out.read_line(&mut url).unwrap();
        let url = url.trim_end().to_owned();
        Self { child, url }
    }

    /// Sends a request for an upgrade; the stream, and the status line of the answer.
    fn upgrade(&self) -> (TcpStream, String) {
        let rest = self.url.strip_prefix("ws://").expect("a WebSocket URL");
        let (host, path) = rest.split_once('/').expect("a path");
        let mut stream = TcpStream::connect(host).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(10)))
            .unwrap();
        let request = format!(
            "GET /{path} HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\n\
             Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n\
             Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            head.extend(byte);
        }
        let head = String::from_utf8(head).unwrap();
        (stream, head.lines().next().unwrap_or_default().to_owned())
    }
}

#[test]
fn every_system_is_served_at_the_url_it_prints() {
    let home = Home::new();
    for system in ["raccoon", "savetowebsocket", "websocketmq", "echo"] {
        let serving = Serving::start(&home, &[system]);
        let (_, status) = serving.upgrade();
        assert_eq!(status, "HTTP/1.1 101 Switching Protocols", "{system}");
    }
}

#[test]
fn a_flood_is_as_long_as_was_asked_for() {
    let flags = ["echo", "--flood", "64:text", "--count", "1000"];
    let serving = Serving::start(&Home::new(), &flags);
    let (mut stream, _) = serving.upgrade();
    let mut frames = vec![0; 1000 * (2 + 64)];
    stream.read_exact(&mut frames).unwrap();
    assert!(
        frames
            .chunks(66)
            .all(|frame| frame.starts_with(b"\x81\x40abc"))
    );
}

#[cfg(unix)]
#[test]
fn a_signal_stops_it_in_order() {
    for signal in ["-TERM", "-INT"] {
        let mut serving = Serving::start(&Home::new(), &["echo"]);
        let (mut stream, _) = serving.upgrade();
        let id = serving.child.id().to_string();
        let sent = Command::new("kill").args([signal, &id]).status().unwrap();
        assert!(sent.success());
        assert_eq!(serving.child.wait().unwrap().code(), Some(130));
        assert_eq!(stream.read(&mut [0]).unwrap(), 0, "TCP ends");
    }
}

#[test]
fn what_cannot_be_served_is_told() {
    let serving = Serving::start(&Home::new(), &["echo"]);
    let taken = serving
        .url
        .trim_start_matches("ws://")
        .trim_end_matches('/');
    run(&["serve", "raccoon", "--listen", taken]).fails(1, &["cannot listen on", taken, "port 0"]);
    run(&["serve", "echo", "--listen", "nonsense"]).fails(1, &["cannot listen on nonsense"]);
    run(&["serve", "raccoon", "--workers", "0"]).fails(2, &["0 workers"]);
    run(&["serve", "echo", "--tick", "0"]).fails(2, &["ticking every 0 s"]);
}

#[test]
fn nobody_reading_the_url_is_no_reason_to_stop() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = free.local_addr().unwrap().to_string();
    drop(free);
    let home = Home::new();
    let mut command = home.command(&["serve", "echo", "--listen", &address]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let serving = Serving {
        child,
        url: format!("ws://{address}/"),
    };
    let listens = (0..500).any(|_| {
        std::thread::park_timeout(Duration::from_millis(20));
        TcpStream::connect(&address).is_ok()
    });
    assert!(listens);
    assert_eq!(serving.upgrade().1, "HTTP/1.1 101 Switching Protocols");
}
