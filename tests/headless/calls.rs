//! Calls of a broker, answered by the program as its profile says: what the broker gets, and what
//! `tail` prints of it.

use std::process::Child;
use std::time::Duration;

use tokio::runtime::Runtime;
use wspect::server::Running;
use wspect::server::websocketmq::{self, Dialect, Settings, Traffic, generation1};

use wspect::transport::clock;

use super::*;

const PATIENCE: Duration = Duration::from_secs(10);

const RESPONDERS: &str = r#"
responders = [
  { topic = "greet", when = '.name == "nobody"', error = { code = 404, message = "who?" } },
  { topic = "greet", reply = '{"text":"hello ${.payload.name}","n":"${.n}","twice":${.payload | .n + .n}}' },
  { topic = "late.*", reply = '"done"', delay = "120ms" },
  { topic = "silent", misbehave = "silence" },
  { topic = "double", reply = "2", misbehave = "duplicate" },
  { topic = "browser", misbehave = "soft", error = { message = "boom" } },
  { topic = "broken", reply = '{"a":1}', misbehave = "malformed" },
]
"#;

/// The inside of a broker of either generation.
enum Broker {
    One(generation1::Handle),
    Two(websocketmq::Handle),
}

impl Broker {
    fn client(&self) -> Option<String> {
        match self {
            Self::One(broker) => broker.clients().pop(),
            Self::Two(broker) => broker.clients().pop().map(|client| client.id),
        }
    }
}

/// A broker and the program connected to it.
struct Rig {
    runtime: Runtime,
    broker: Broker,
    running: Running,
    child: Child,
    client: String,
    _home: tempfile::TempDir,
}

impl Rig {
    fn new(dialect: Dialect, extra: &str) -> Self {
        let runtime = Runtime::new().unwrap();
        let settings = Settings {
            dialect,
            traffic: Traffic::NONE,
            ..Settings::default()
        };
        let (running, broker) = runtime.block_on(async {
            if dialect == Dialect::V1_3 {
                let (running, handle) = generation1::start(settings).await.unwrap();
                (running, Broker::One(handle))
            } else {
                let (running, handle) = websocketmq::start(settings).await.unwrap();
                (running, Broker::Two(handle))
            }
        });
        let url = running.url().to_owned();
        let home = tempfile::tempdir().unwrap();
        let profiles = home.path().join("profiles");
        std::fs::create_dir(&profiles).unwrap();
        let profile = format!(
            "url = '{url}?client_id=tested-client'\nsystem = 'websocketmq'\n\
             [reconnect]\nenabled = false\n[websocketmq]\n{extra}\n{RESPONDERS}"
        );
        std::fs::write(profiles.join("calls.toml"), profile).unwrap();
        let child = wspect(&["tail", "calls", "--for", "60s"])
            .env("WSPECT_CONFIG", home.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let client = runtime.block_on(async {
            let there = async {
                loop {
                    if let Some(client) = broker.client() {
                        return client;
                    }
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
            };
            tokio::time::timeout(PATIENCE, there).await.unwrap()
        });
        Self {
            runtime,
            broker,
            running,
            child,
            client,
            _home: home,
        }
    }

    /// The broker calls the program.
    fn call(&self, topic: &str, payload: &str, patience: u64) -> Result<Option<String>, String> {
        let patience = Duration::from_millis(patience);
        self.runtime.block_on(async {
            match &self.broker {
                Broker::One(broker) => {
                    let asked = broker.request(&self.client, topic, payload, patience);
                    asked.await.map(Some).map_err(|error| format!("{error:?}"))
                }
                Broker::Two(broker) => {
                    let asked = broker.request(&self.client, topic, Some(payload), patience);
                    asked.await.map_err(|error| error.to_string())
                }
            }
        })
    }

    /// What the program printed once the connection has ended.
    fn ends(self) -> Ran {
        self.runtime.block_on(self.running.stop());
        ran(&self.child.wait_with_output().unwrap())
    }
}

/// Frames of that badge and direction.
fn frames<'a>(ran: &'a Ran, badge: &str, dir: &str) -> Vec<&'a Value> {
    let frames = ran.of_type("frame").into_iter();
    frames
        .filter(|line| line["badge"] == badge && line["dir"] == dir)
        .collect()
}

fn has_note(line: &Value, part: &str) -> bool {
    let notes = line["notes"].as_array().into_iter().flatten();
    notes
        .filter_map(Value::as_str)
        .any(|note| note.contains(part))
}

#[test]
fn a_broker_of_generation_2_is_answered_in_every_manner() {
    let rig = Rig::new(Dialect::V2_3, "");
    let ok = |json: &str| Ok(Some(json.to_owned()));
    let hello = |n: u32| ok(&format!(r#"{{"text":"hello Ann","n":{n},"twice":6}}"#));
    assert_eq!(
        rig.call("greet", r#"{"name":"Ann","n":3}"#, 5_000),
        hello(1)
    );
    assert_eq!(
        rig.call("greet", r#"{"name":"Ann","n":3}"#, 5_000),
        hello(2)
    );
    let refused = rig
        .call("greet", r#"{"name":"nobody"}"#, 5_000)
        .unwrap_err();
    assert!(
        refused.contains("code 404") && refused.contains("who?"),
        "{refused}"
    );
    assert_eq!(rig.call("late.answer", "{}", 5_000), ok("\"done\""));
    assert_eq!(rig.call("double", "{}", 5_000), ok("2"));
    assert_eq!(rig.call("browser", "{}", 5_000), ok(r#"{"error":"boom"}"#));
    let silent = rig.call("silent", "{}", 200).unwrap_err();
    assert!(silent.contains("timed out"), "{silent}");
    let unknown = rig.call("nobody", "{}", 5_000).unwrap_err();
    assert!(
        unknown.contains("Client has no handler for topic: nobody"),
        "{unknown}"
    );
    rig.call("broken", "{}", 5_000).unwrap_err();
    is_told(&rig.ends());
}

/// What the program prints of the calls above.
fn is_told(ran: &Ran) {
    let calls = frames(ran, "request", "in");
    assert_eq!(calls.len(), 9, "{}", ran.err);
    assert!(calls.iter().all(|call| call["asks"] == true));
    assert!(
        calls
            .iter()
            .any(|call| has_note(call, "without an answer on purpose"))
    );
    let answers = frames(ran, "response", "out");
    let late = answers
        .iter()
        .find(|line| line["label"] == "late.answer")
        .unwrap();
    assert_eq!(late["outcome"], "ok");
    assert!(late["latency_us"].as_u64().unwrap() >= 120_000, "{late}");
    let double: Vec<_> = answers
        .iter()
        .filter(|line| line["label"] == "double")
        .collect();
    assert_eq!(double[1]["outcome"], "duplicate");
    assert!(has_note(double[1], "answered already"));
    let errors = frames(ran, "error", "out");
    let soft = |line: &&&Value| has_note(line, "take it for a success");
    assert_eq!(errors.iter().filter(soft).count(), 1);
    let lost = ran.of_type("lost");
    let silent = lost.iter().find(|line| line["label"] == "silent").unwrap();
    assert_eq!(silent["dir"], "in");
    let summary = ran.lines.last().unwrap();
    let told = &summary["answers"];
    assert_eq!(told["codes"]["error 404"], 2, "{told}");
    assert_eq!(told["codes"]["soft error"], 1, "{told}");
    assert_eq!(told["outcomes"]["duplicate"], 1, "{told}");
    assert!(told["latency_by_kind"]["greet"]["count"] == 3, "{told}");
    assert!(
        summary["latency_by_kind"]["greet"].is_null(),
        "answers of ours are no replies to us"
    );
}

#[test]
fn a_server_of_generation_1_is_answered_in_its_form_and_held_calls_are_refused_in_time() {
    let rig = Rig::new(Dialect::V1_3, "generation = '1.3'\nhold_calls = true\n");
    let greeted = rig.call("greet", r#"{"name":"Ann","n":3}"#, 5_000);
    let greeted: Value = serde_json::from_str(&greeted.unwrap().unwrap()).unwrap();
    assert_eq!(
        (&greeted["text"], &greeted["twice"]),
        (&"hello Ann".into(), &6.into())
    );
    let asked = clock::now();
    let refused = format!("{:?}", rig.call("nobody", "{}", 1_200));
    let took = clock::now().since(asked);
    assert!(
        refused.contains("no handler for topic: nobody"),
        "{refused}"
    );
    assert!(took >= Duration::from_millis(600), "{took:?}");
    let gone = format!("{:?}", rig.call("greet", r#"{"name":"nobody"}"#, 5_000));
    assert!(gone.contains("who?"), "{gone}");
    let ran = rig.ends();
    let told = &ran.lines.last().unwrap()["answers"];
    assert_eq!(
        (&told["codes"]["ok"], &told["lost"]),
        (&1.into(), &0.into()),
        "{told}"
    );
    let errors = frames(&ran, "error", "out");
    let held = errors
        .iter()
        .find(|line| line["label"] == "nobody")
        .unwrap();
    let waited = held["latency_us"].as_u64().unwrap();
    assert!((600_000..1_200_000).contains(&waited), "{held}");
}
