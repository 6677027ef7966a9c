//! Switches and troubles of the Stellar event server, as a client meets them.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, sleep, timeout};
use wspect::server::savetowebsocket::{Burst, Faults, Recording, Settings, Traffic};

use crate::client::{Connection, PATIENCE};
use crate::replay::Replay;
use crate::stellar::{HEAD, Stellar, frame};
use crate::transcript::{Frame, What};

/// A client that has read its `welcome`.
async fn welcomed(stellar: &Stellar) -> Connection {
    let mut connection = Connection::dial(stellar.address).await;
    connection.write(HEAD.as_bytes()).await;
    connection.answer().await;
    assert_eq!(next(&mut connection).await.unwrap().payload.len(), 191);
    connection
}

/// Sends a register and reads the reply.
async fn register(connection: &mut Connection, filters: &str) {
    let message = format!(r#"{{"type":"register","filters":{filters}}}"#);
    connection.send(&frame(1, message.as_bytes())).await;
    let reply = next(connection).await.unwrap();
    assert!(reply.payload.ends_with(br#""type":"registered"}"#));
}

async fn registered(stellar: &Stellar, filters: &str) -> Connection {
    let mut connection = welcomed(stellar).await;
    register(&mut connection, filters).await;
    connection
}

/// The next frame; `None` when TCP has ended.
async fn next(connection: &mut Connection) -> Option<Frame> {
    let received = timeout(PATIENCE, connection.receive()).await;
    received.expect("something comes, or the end")
}

async fn text(connection: &mut Connection) -> String {
    String::from_utf8(next(connection).await.unwrap().payload).unwrap()
}

/// The file begins shortly before the crash, so connections opened earlier are left out. Of the
/// others, what the crash overtook is not told apart from what was never answered: registers
/// without a reply are left out too, and K's ping, half a minute into the recording. Whether TCP
/// ends or is reset depends on what was under way.
#[tokio::test]
async fn recorded_server_crash() {
    Replay::of("savetowebsocket-server-crash")
        .edit(|steps| {
            let known: Vec<String> = steps
                .iter()
                .filter(|step| matches!(step.what, What::Dial(_)))
                .map(|step| step.conn.clone())
                .collect();
            steps.retain(|step| known.contains(&step.conn));
            let answered: Vec<String> = steps
                .iter()
                .filter(|step| {
                    matches!(&step.what, What::Receive(f) if f.payload.ends_with(b"\"registered\"}"))
                })
                .map(|step| step.conn.clone())
                .collect();
            steps.retain(|step| match &step.what {
                What::Send(frame) if frame.opcode == 1 => answered.contains(&step.conn),
                What::Send(frame) | What::Receive(frame) => !matches!(frame.opcode, 9 | 10),
                _ => true,
            });
        })
        .drive_at(31_655.0, json!({ "call": "crash" }))
        .run(Stellar::new(Settings::default()).await)
        .await;
}

#[tokio::test]
async fn a_crashed_server_comes_back() {
    let stellar = Stellar::new(Settings {
        faults: Faults {
            back_after: Some(Duration::from_millis(150)),
            ..Faults::default()
        },
        ..Settings::default()
    })
    .await;
    let mut one = registered(&stellar, "{}").await;
    let mut two = welcomed(&stellar).await;
    stellar.handle.crash();
    assert!(next(&mut one).await.is_none(), "no close frame");
    assert!(next(&mut two).await.is_none(), "no close frame");
    let started = Instant::now();
    while TcpStream::connect(stellar.address).await.is_err() {
        assert!(started.elapsed() < PATIENCE, "it never comes back");
        sleep(Duration::from_millis(5)).await;
    }
    let mut again = registered(&stellar, "{}").await;
    stellar.handle.feed("{\"n\":1}").unwrap();
    assert_eq!(text(&mut again).await, "{\"n\":1}");
    assert_eq!(stellar.handle.clients(), (1, 1));
}

#[tokio::test]
async fn as_documented_nothing_is_missed_and_amounts_count() {
    let stellar = Stellar::new(Settings::as_documented()).await;
    let mut connection = welcomed(&stellar).await;
    let payment = |n: u32, amount: &str| {
        format!(r#"{{"n":{n},"type":"payment","asset_code":"USDC:GI","amount":"{amount}"}}"#)
    };
    for (n, amount) in [
        (1, "99.9999999"),
        (2, "100.0000000"),
        (3, "12345678901234.5000000"),
    ] {
        stellar.handle.feed(payment(n, amount)).unwrap();
    }
    let filters = r#"{"types":["payment"],"asset_codes":["USDC"],"min_amount":"100"}"#;
    register(&mut connection, filters).await;
    stellar.handle.feed(payment(4, "5.0000000")).unwrap();
    stellar.handle.feed(payment(5, "500.0000000")).unwrap();
    for n in [2, 3, 5] {
        let text = text(&mut connection).await;
        assert!(text.starts_with(&format!("{{\"n\":{n},")), "{text}");
    }
}

#[tokio::test]
async fn a_recording_is_sent_as_it_is_and_can_end_the_pipeline() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let odd = b"{ \"a\" : 1,\"a\":12345678901234567890, \"t\":\"\xff\xfe\\u00e9\" }";
    // Time to connect: what is sent to nobody is lost.
    file.write_all(&b"{\"skip\":1}\n".repeat(60)).unwrap();
    file.write_all(odd).unwrap();
    file.write_all(b"\n[1]\n\nnull\r\n{}").unwrap();
    let stellar = Stellar::new(Settings {
        recording: Some(Recording {
            path: file.path().to_owned(),
            rate: 40.0,
            looped: false,
            ends: true,
        }),
        // Kept for the client, which may register late.
        ..Settings::as_documented()
    })
    .await;
    let mut connection = registered(&stellar, "{}").await;
    let mut sent = next(&mut connection).await.unwrap().payload;
    while sent == b"{\"skip\":1}" {
        sent = next(&mut connection).await.unwrap().payload;
    }
    assert_eq!(sent, odd);
    for expected in [&b"null\r"[..], b"{}"] {
        assert_eq!(next(&mut connection).await.unwrap().payload, expected);
    }
    assert!(
        next(&mut connection).await.is_none(),
        "the end, unannounced"
    );
    let mut later = welcomed(&stellar).await;
    later.send(&frame(8, b"")).await;
    assert_eq!(next(&mut later).await.unwrap().opcode, 8);
}

#[tokio::test]
async fn a_burst_closes_a_client_that_reads_all_the_time() {
    let stellar = Stellar::new(Settings {
        traffic: Some(Traffic {
            rate: 0.0,
            ledger_every: Duration::from_millis(300),
            ledger_jitter: Duration::ZERO,
            mix: "blank".parse().unwrap(),
            burst: Some(Burst {
                count: 5000,
                every: None,
            }),
            ..Traffic::default()
        }),
        ..Settings::default()
    })
    .await;
    let mut connection = registered(&stellar, "{}").await;
    let mut events = 0;
    let close = loop {
        let received = next(&mut connection).await.expect("a close frame first");
        if received.opcode == 8 {
            break received;
        }
        events += 1;
    };
    assert!(close.payload.is_empty());
    assert!((256..5000).contains(&events), "{events}");
    assert!(next(&mut connection).await.is_none());
}

#[tokio::test]
async fn an_even_pace_outruns_nobody() {
    let stellar = Stellar::new(Settings {
        traffic: Some(Traffic {
            rate: 20_000.0,
            payload: Some(400),
            even: true,
            ledger_every: Duration::from_millis(50),
            ..Traffic::default()
        }),
        ..Settings::default()
    })
    .await;
    let mut connection = registered(&stellar, "{}").await;
    let mut bytes = 0;
    let mut events = 0;
    while events < 4000 {
        let received = next(&mut connection).await.expect("it goes on");
        assert_ne!(received.opcode, 8, "closed after {events}");
        bytes += received.payload.len();
        events += usize::from(received.fin);
    }
    let average = bytes / events;
    assert!((300..600).contains(&average), "{average}");
}

/// Collects what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Log {
    fn lines(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().map(|line| line.trim().to_owned()).collect()
    }
}

#[tokio::test]
async fn what_the_real_server_logs_is_logged_in_its_words() {
    let log = Log::default();
    let writer = log.clone();
    let lines = tracing_subscriber::fmt()
        .with_writer(move || writer.clone())
        .with_ansi(false)
        .without_time()
        .with_level(false)
        .with_target(false)
        .finish();
    let _guard = tracing::subscriber::set_default(lines);
    let stellar = Stellar::new(Settings {
        registration_deadline: Duration::from_millis(200),
        ..Settings::default()
    })
    .await;
    // While there is one subscriber alone, a line that another test's thread logs for the first
    // time is judged by what that thread has, which is none, and taken for one that nobody wants.
    // With two, all are asked; what was judged before is judged again.
    let _second = tracing::Dispatch::new(tracing::subscriber::NoSubscriber::new());
    tracing::callsite::rebuild_interest_cache();
    let mut late = welcomed(&stellar).await;
    stellar.handle.feed("{}").unwrap();
    assert!(next(&mut late).await.is_none());
    let mut connection = welcomed(&stellar).await;
    for wrong in [&b"{"[..], br#"{"filters":{"min_amount":100}}"#] {
        connection.send(&frame(1, wrong)).await;
    }
    register(
        &mut connection,
        r#"{"types":["payment","trade"],"min_amount":"5"}"#,
    )
    .await;
    connection.send(&frame(1, br#"{"type":"register"}"#)).await;
    connection.send(&frame(8, b"")).await;
    while next(&mut connection).await.is_some() {}
    while stellar.handle.clients() != (0, 0) {
        tokio::task::yield_now().await;
    }
    let known = |line: &String| !line.contains("mio") && !line.contains("total clients: 1");
    let lines: Vec<String> = log.lines().into_iter().filter(known).collect();
    assert_eq!(
        lines,
        [
            "New client connected, awaiting registration...",
            "Failed to queue message: message queue full",
            "Client registration timeout",
            "Client unregistered, total clients: 0",
            "New client connected, awaiting registration...",
            "Error parsing message: unexpected end of JSON input",
            "Error parsing message: json: cannot unmarshal number into Go struct field \
             ClientFilters.filters.min_amount of type string",
            "Client registered with filters: {Types:[payment trade] AccountIDs:[] AssetCodes:[] \
             MinAmount:5 Custom:[]}",
            "Client filters updated: {Types:[] AccountIDs:[] AssetCodes:[] MinAmount: Custom:[]}",
            "Client unregistered, total clients: 0",
        ]
    );
}

#[tokio::test]
async fn paths_that_are_not_clean_are_redirected_as_go_does() {
    let stellar = Stellar::new(Settings::default()).await;
    for (target, status, location) in [
        ("//ws", "307", Some("/ws")),
        ("/a/../ws?x=1", "307", Some("/ws?x=1")),
        ("/ws/", "404", None),
        ("/%77s", "400", None),
    ] {
        let mut connection = Connection::dial(stellar.address).await;
        let head = format!("GET {target} HTTP/1.1\r\nHost: h\r\n\r\n");
        connection.write(head.as_bytes()).await;
        let answer = String::from_utf8(connection.answer().await).unwrap();
        assert_eq!(answer.split(' ').nth(1), Some(status), "{answer}");
        let header = location.map(|to| format!("\r\nLocation: {to}\r\n"));
        assert!(
            header.is_none_or(|header| answer.contains(&header)),
            "{answer}"
        );
    }
}

/// Its frames, and how many bytes of an unfinished one follow.
fn frames(bytes: &[u8]) -> (Vec<u8>, usize) {
    let mut opcodes = Vec::new();
    let mut rest = bytes;
    while let [first, second, tail @ ..] = rest {
        let (width, short) = match second {
            126 => (2, 0),
            127 => (8, 0),
            short => (0, usize::from(*short)),
        };
        let Some((length, tail)) = tail.split_at_checked(width) else {
            break;
        };
        let length = length
            .iter()
            .fold(short, |n, byte| n << 8 | usize::from(*byte));
        let Some(next) = tail.get(length..) else {
            break;
        };
        opcodes.push(first & 15);
        rest = next;
    }
    (opcodes, rest.len())
}

#[tokio::test]
async fn a_write_that_is_stuck_ends_tcp_in_the_middle_of_a_message() {
    let stellar = Stellar::new(Settings {
        write_timeout: Duration::from_millis(200),
        ..Settings::default()
    })
    .await;
    let socket = TcpSocket::new_v4().unwrap();
    socket.set_recv_buffer_size(4096).unwrap();
    let mut stream = socket.connect(stellar.address).await.unwrap();
    stream.write_all(HEAD.as_bytes()).await.unwrap();
    let mut head = [0; 129];
    stream.read_exact(&mut head).await.unwrap();
    assert!(head.ends_with(b"\r\n\r\n"));
    let register = b"{\"type\":\"register\"}";
    let mut masked = vec![0x82, 0x80 | register.len() as u8, 0, 0, 0, 0];
    masked.extend_from_slice(register);
    stream.write_all(&masked).await.unwrap();
    while stellar.handle.clients() != (1, 1) {
        tokio::task::yield_now().await;
    }
    let event = format!("{{\"pad\":\"{}\"}}", "x".repeat(1 << 20));
    for _ in 0..32 {
        stellar.handle.feed(event.clone()).unwrap();
    }
    while stellar.handle.clients() != (0, 0) {
        sleep(Duration::from_millis(5)).await;
    }
    let mut bytes = Vec::new();
    let read = timeout(PATIENCE, stream.read_to_end(&mut bytes)).await;
    read.expect("TCP ends").unwrap();
    let (opcodes, unfinished) = frames(&bytes);
    assert!(!opcodes.contains(&8), "no close frame");
    assert!(unfinished > 0 && opcodes.len() < 60, "{opcodes:?}");
}

#[tokio::test]
async fn the_registration_deadline_is_kept_whatever_else_is_said() {
    let deadline = Duration::from_millis(300);
    let stellar = Stellar::new(Settings {
        registration_deadline: deadline,
        ..Settings::default()
    })
    .await;
    let started = Instant::now();
    let mut connection = welcomed(&stellar).await;
    let mut pongs = 0;
    loop {
        connection
            .send(&frame(1, b"{\"type\":\"subscribe\"}"))
            .await;
        connection.send(&frame(9, b"alive")).await;
        match next(&mut connection).await {
            Some(frame) => pongs += usize::from(frame.opcode == 10),
            None => break,
        }
        sleep(Duration::from_millis(5)).await;
    }
    assert!(started.elapsed() >= deadline && pongs > 1, "{pongs}");
}

#[tokio::test]
async fn quick_comings_and_goings_crash_it_if_it_is_to_be_that_faithful() {
    let stellar = Stellar::new(Settings {
        faults: Faults {
            crash_on_churn: Some(8),
            ..Faults::default()
        },
        ..Settings::default()
    })
    .await;
    let mut steady = registered(&stellar, r#"{"types":["none"]}"#).await;
    let started = Instant::now();
    while stellar.handle.clients() != (0, 0) {
        assert!(started.elapsed() < PATIENCE, "it never crashes");
        stellar.handle.feed("{\"type\":\"payment\"}").unwrap();
        if let Ok(stream) = TcpStream::connect(stellar.address).await {
            drop(upgraded(stream).await);
        }
    }
    assert!(next(&mut steady).await.is_none(), "no close frame");
    assert!(TcpStream::connect(stellar.address).await.is_err());
}

/// A client that leaves when it has its 101, if it gets one.
async fn upgraded(mut stream: TcpStream) -> TcpStream {
    let _ = stream.write_all(HEAD.as_bytes()).await;
    let _ = timeout(PATIENCE, stream.read_exact(&mut [0; 129])).await;
    stream
}
