//! Plays the client's part of a recorded scenario to one of our servers and compares the replies.
//!
//! To register a scenario, implement [`Subject`] for the server and write a test:
//!
//! ```text
//! Replay::of("raccoon-ws-dedup").run(subject).await;
//! Replay::of("raccoon-ws-no-pong").at_speed(5.0).run(subject).await;
//! ```
//!
//! The client does everything in recorded order. Before it goes on it waits for every reply that
//! was recorded before; it does not wait for time to pass unless [`Replay::at_speed`] says so.
//! Replies of one connection are compared in order, pings and pongs in queues of their own.

use std::collections::{HashMap, VecDeque};
use std::fmt::Write as _;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::Value;
use tokio::time::{Instant, sleep_until, timeout};

use crate::client::{Connection, PATIENCE};
use crate::rpc::{self, Reply};
use crate::transcript::{Frame, Http, RpcEnd, Step, Transcript, What, insert};

/// How much earlier than recorded an answer may come because this server or machine is quicker.
const SLACK: Duration = Duration::from_millis(20);

/// A server under replay.
pub(crate) trait Subject {
    /// Where it listens.
    fn address(&self) -> SocketAddr;

    /// Where it listens for gRPC.
    fn grpc_address(&self) -> SocketAddr {
        panic!("this server has no gRPC");
    }

    /// A reply's payload with ids, dates and times made equal. `opcode` is 1, 2 or 0 for frames,
    /// and 1 for HTTP bodies. Called for recorded and received replies alike.
    fn normal(&self, _opcode: u8, payload: &[u8]) -> String {
        payload.escape_ascii().to_string()
    }

    /// Does to the server what an entry of `meta.driver`, or one added with [`Replay::drive_at`],
    /// says. What has to go on beside the client must be spawned.
    async fn drive(&mut self, _entry: &Value) {}

    /// Told of every reply that matched: for what the server makes up and the client says back.
    fn matched(&mut self, _recorded: &[u8], _received: &[u8]) {}

    /// What the client sends instead of the recorded payload, once it knows what was made up.
    fn adapted(&self, payload: Vec<u8>) -> Vec<u8> {
        payload
    }

    /// Called when the scenario is over: for what was spawned and must have gone well.
    async fn finished(self)
    where
        Self: Sized,
    {
    }
}

/// A scenario and how to play it.
pub(crate) struct Replay {
    transcript: Transcript,
    speed: Option<f64>,
    unordered: bool,
    keeps_tcp: bool,
}

impl Replay {
    /// The scenario of that name.
    pub(crate) fn of(name: &str) -> Self {
        Self {
            transcript: Transcript::named(name),
            speed: None,
            unordered: false,
            keeps_tcp: false,
        }
    }

    /// Do everything no earlier than it was recorded, that many times as fast, and expect TCP ends
    /// and replies no earlier than that (less a tenth, and [`SLACK`]).
    pub(crate) fn at_speed(mut self, speed: f64) -> Self {
        self.speed = Some(speed);
        self
    }

    /// Replies of one connection may come in any order.
    pub(crate) fn unordered(mut self) -> Self {
        self.unordered = true;
        self
    }

    /// The server is expected not to end TCP after the closing handshake.
    pub(crate) fn keeps_tcp(mut self) -> Self {
        self.keeps_tcp = true;
        self
    }

    /// Drop or change steps, for what a file does not tell (an unmasked frame, a payload cut).
    pub(crate) fn edit(mut self, edit: impl FnOnce(&mut Vec<Step>)) -> Self {
        edit(&mut self.transcript.steps);
        self
    }

    /// Do something to the server at that time of the recording.
    pub(crate) fn drive_at(mut self, at_ms: f64, entry: Value) -> Self {
        insert(&mut self.transcript.steps, Some(at_ms), entry);
        self
    }

    /// The recorded server's configuration and the steps.
    pub(crate) fn transcript(&self) -> &Transcript {
        &self.transcript
    }

    /// Plays it. Panics with the step at the first difference.
    pub(crate) async fn run(self, subject: impl Subject) {
        let recorded_host = self.recorded_host();
        let mut player = Player {
            host: subject.address().to_string(),
            recorded_host,
            subject,
            speed: self.speed,
            unordered: self.unordered,
            start: Instant::now(),
            peers: HashMap::new(),
            reply: None,
        };
        for (n, step) in self.transcript.steps.iter().enumerate() {
            if let Err(difference) = player.play(step).await {
                let name = &self.transcript.name;
                panic!("{name}, line {}: {difference}\n{step:#?}", n + 2);
            }
        }
        for (conn, peer) in player.peers {
            if let Err(difference) = peer.finish(self.keeps_tcp).await {
                panic!(
                    "{}, at the end of {conn:?}: {difference}",
                    self.transcript.name
                );
            }
        }
        player.subject.finished().await;
    }

    fn recorded_host(&self) -> String {
        let head = self
            .transcript
            .steps
            .iter()
            .find_map(|step| match &step.what {
                What::Dial(head) => Some(head.as_str()),
                _ => None,
            });
        head.and_then(|head| head.lines().find_map(|line| line.strip_prefix("Host: ")))
            .unwrap_or("127.0.0.1:18180")
            .to_owned()
    }
}

/// What is known of one connection.
struct Peer {
    connection: Connection,
    data: VecDeque<Frame>,
    pings: VecDeque<Frame>,
    pongs: VecDeque<Frame>,
    /// The server's close frame was among the frames taken.
    closed: bool,
    ended: bool,
}

struct Player<S> {
    subject: S,
    host: String,
    recorded_host: String,
    speed: Option<f64>,
    unordered: bool,
    start: Instant,
    peers: HashMap<String, Peer>,
    /// Of the last gRPC call.
    reply: Option<Reply>,
}

impl<S: Subject> Player<S> {
    async fn play(&mut self, step: &Step) -> Result<(), String> {
        let due = self.speed.map(|speed| {
            let after = Duration::from_secs_f64(step.at_ms / 1000.0 / speed);
            self.start + after
        });
        if let Some(due) = due
            && !matches!(step.what, What::Opened(_) | What::Receive(_) | What::Left)
        {
            sleep_until(due).await;
        }
        self.act(step).await?;
        let early = due.map(|due| due - (due - self.start).mul_f64(0.1));
        // Pings come by the server's clock, which began before the first connect.
        let ping = matches!(&step.what, What::Receive(frame) if frame.opcode == 9);
        if !ping && early.is_some_and(|early| Instant::now() + SLACK < early) {
            return Err(format!(
                "it came too early, {:?} after the start",
                self.start.elapsed()
            ));
        }
        Ok(())
    }

    async fn act(&mut self, step: &Step) -> Result<(), String> {
        match &step.what {
            What::Dial(head) => self.dial(&step.conn, head).await,
            What::Opened(answer) => return self.opened(&step.conn, answer).await,
            What::Send(frame) => {
                let mut frame = restored(frame);
                frame.payload = self.subject.adapted(frame.payload);
                for _ in 0..frame.count {
                    self.peer(&step.conn)?.connection.send(&frame).await;
                }
            }
            What::Receive(frame) => {
                for _ in 0..frame.count {
                    self.receive(&step.conn, frame).await?;
                }
            }
            What::Leave => {
                self.peers.remove(&step.conn);
            }
            What::Left => return self.peer(&step.conn)?.left().await,
            What::Request(request) => self.request(&step.conn, request).await,
            What::Response(response) => return self.response(&step.conn, response).await,
            What::Call(call) => {
                let calling = rpc::send(self.subject.grpc_address(), call);
                let reply = timeout(PATIENCE, calling).await;
                self.reply = Some(reply.map_err(|_| "no answer to the call".to_owned())?);
            }
            What::Called(expected) => return self.called(expected),
            What::Drive(entry) => self.subject.drive(entry).await,
        }
        Ok(())
    }

    fn peer(&mut self, conn: &str) -> Result<&mut Peer, String> {
        let peer = self.peers.get_mut(conn);
        peer.ok_or_else(|| format!("no connection {conn:?} is open"))
    }

    async fn dial(&mut self, conn: &str, head: &str) {
        let mut connection = Connection::dial(self.subject.address()).await;
        let head = head.replace(&self.recorded_host, &self.host);
        connection.write(head.as_bytes()).await;
        self.peers.insert(conn.to_owned(), Peer::new(connection));
    }

    async fn opened(&mut self, conn: &str, expected: &str) -> Result<(), String> {
        let answer = timeout(PATIENCE, self.peer(conn)?.connection.answer()).await;
        let answer = answer.map_err(|_| "no answer to the request".to_owned())?;
        let answer = undated(&String::from_utf8_lossy(&answer));
        let expected = undated(&expected.replace(&self.recorded_host, &self.host));
        if without_length(&answer) == without_length(&expected) {
            Ok(())
        } else {
            Err(format!("answered\n{answer}\ninstead of\n{expected}"))
        }
    }

    async fn receive(&mut self, conn: &str, expected: &Frame) -> Result<(), String> {
        let unordered = self.unordered;
        let mut passed = VecDeque::new();
        loop {
            let frame = self.peer(conn)?.next(expected.opcode).await?;
            let difference = self.difference(expected, &frame);
            if difference.is_none() {
                self.subject.matched(&expected.payload, &frame.payload);
            }
            let peer = self.peer(conn)?;
            match difference {
                None => {
                    peer.closed |= frame.opcode == 8;
                    passed.extend(std::mem::take(&mut peer.data));
                    peer.data = passed;
                    return Ok(());
                }
                Some(_) if unordered && expected.opcode < 8 => passed.push_back(frame),
                Some(difference) => return Err(difference),
            }
        }
    }

    fn difference(&self, expected: &Frame, frame: &Frame) -> Option<String> {
        let shape = |f: &Frame| (f.opcode, f.fin, f.rsv);
        let same = shape(expected) == shape(frame)
            && !frame.masked
            && match (expected.opcode, expected.cut_from) {
                (_, Some(length)) => {
                    frame.payload.len() == length && frame.payload.starts_with(&expected.payload)
                }
                (0..=2, None) => self.normalised(expected) == self.normalised(frame),
                _ => expected.payload == frame.payload,
            };
        (!same).then(|| {
            format!(
                "received {:?} {}\ninstead of {:?} {}",
                shape(frame),
                self.normalised(frame),
                shape(expected),
                self.normalised(expected)
            )
        })
    }

    fn normalised(&self, frame: &Frame) -> String {
        if frame.opcode < 8 {
            self.subject.normal(frame.opcode, &frame.payload)
        } else {
            frame.payload.escape_ascii().to_string()
        }
    }

    fn called(&mut self, expected: &RpcEnd) -> Result<(), String> {
        let reply = self.reply.take().ok_or("a reply without a call")?;
        let received = reply.end();
        let shown = |end: &RpcEnd| {
            let message = self.subject.normal(2, &end.message);
            let RpcEnd {
                status,
                details,
                initial,
                trailing,
                ..
            } = end;
            format!("{status} {details:?} {initial:?} {message} {trailing:?}")
        };
        let (received, expected) = (shown(&received), shown(expected));
        if received == expected {
            return Ok(());
        }
        Err(format!(
            "the call ended\n{received}\ninstead of\n{expected}"
        ))
    }

    async fn request(&mut self, conn: &str, request: &Http) {
        let mut text = format!("{} HTTP/1.1\r\nHost: {}\r\n", request.start, self.host);
        for (name, value) in &request.headers {
            let _ = write!(text, "{name}: {value}\r\n");
        }
        if !request.body.is_empty() || request.start.starts_with("POST") {
            let _ = write!(text, "Content-Length: {}\r\n", request.body.len());
        }
        text.push_str("\r\n");
        let mut connection = Connection::dial(self.subject.address()).await;
        connection.write(text.as_bytes()).await;
        connection.write(&request.body).await;
        self.peers.insert(conn.to_owned(), Peer::new(connection));
    }

    async fn response(&mut self, conn: &str, expected: &Http) -> Result<(), String> {
        let mut peer = self
            .peers
            .remove(conn)
            .ok_or("a response without a request")?;
        let answer = timeout(PATIENCE, peer.connection.answer()).await;
        let answer = answer.map_err(|_| "no answer to the request".to_owned())?;
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n");
        let end = end.ok_or("the answer has no end")? + 4;
        let head = without_length(&undated(&String::from_utf8_lossy(&answer[..end])));
        let mut lines = head.lines();
        let status = lines.next().unwrap_or_default().split(' ').nth(1);
        let headers: Vec<_> = lines.filter(|line| !line.is_empty()).collect();
        let expected_headers: Vec<_> = expected
            .headers
            .iter()
            .filter(|(name, _)| name != "Date" && name != "Content-Length")
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        let body = self.subject.normal(1, &answer[end..]);
        let expected_body = self.subject.normal(1, &expected.body);
        if status == Some(&expected.start) && headers == expected_headers && body == expected_body {
            return Ok(());
        }
        Err(format!(
            "answered {status:?} {headers:?} {body}\n\
             instead of {} {expected_headers:?} {expected_body}",
            expected.start
        ))
    }
}

impl Peer {
    fn new(connection: Connection) -> Self {
        Self {
            connection,
            data: VecDeque::new(),
            pings: VecDeque::new(),
            pongs: VecDeque::new(),
            closed: false,
            ended: false,
        }
    }

    fn queue(&mut self, opcode: u8) -> &mut VecDeque<Frame> {
        match opcode {
            9 => &mut self.pings,
            10 => &mut self.pongs,
            _ => &mut self.data,
        }
    }

    /// The next frame of the kind: pings and pongs have queues of their own.
    async fn next(&mut self, opcode: u8) -> Result<Frame, String> {
        loop {
            if let Some(frame) = self.queue(opcode).pop_front() {
                return Ok(frame);
            }
            match timeout(PATIENCE, self.connection.receive()).await {
                Ok(Some(frame)) => self.queue(frame.opcode).push_back(frame),
                Ok(None) => return Err("TCP ended instead".to_owned()),
                Err(_) => return Err("nothing came".to_owned()),
            }
        }
    }

    /// Waits for the end of TCP, with nothing but heartbeats before it.
    async fn left(&mut self) -> Result<(), String> {
        match self.next(1).await {
            Err(ended) if ended.starts_with("TCP ended") => {
                self.ended = true;
                Ok(())
            }
            Err(error) => Err(error),
            Ok(frame) => Err(format!("received {frame:?} instead of the end of TCP")),
        }
    }

    /// After a closing handshake TCP ends and nothing more comes.
    async fn finish(mut self, keeps_tcp: bool) -> Result<(), String> {
        if !self.closed || self.ended {
            return Ok(());
        }
        if !keeps_tcp {
            return self.left().await;
        }
        match timeout(Duration::from_millis(200), self.next(1)).await {
            Err(_) => Ok(()),
            Ok(something) => Err(format!("TCP should have stayed open: {something:?}")),
        }
    }
}

/// A payload cut in the file, filled up again with its last byte.
fn restored(frame: &Frame) -> Frame {
    let mut frame = frame.clone();
    if let (Some(length), Some(&last)) = (frame.cut_from, frame.payload.last()) {
        frame.payload.resize(length, last);
    }
    frame
}

fn undated(answer: &str) -> String {
    without_header(answer, "Date: ")
}

/// Lengths follow from the bodies, and those may name our host.
fn without_length(answer: &str) -> String {
    without_header(answer, "Content-Length: ")
}

fn without_header(answer: &str, start: &str) -> String {
    answer
        .split_inclusive("\r\n")
        .filter(|line| !line.starts_with(start))
        .collect()
}
