use proptest::prelude::*;

use super::*;
use crate::frame::Direction;
use crate::transport::clock;

const EVERY: Duration = Duration::from_secs(5);

struct Session {
    clients: Clients,
    own: Identity,
    now: Stamp,
}

impl Session {
    fn new() -> Self {
        let own = Identity {
            id: "us".to_owned(),
            name: "wspect".to_owned(),
            registration: picture::Registration::Done,
            ..Identity::default()
        };
        Self {
            clients: Clients::default(),
            own,
            now: clock::now(),
        }
    }

    fn wait(&mut self, millis: u64) {
        self.now = self.now.after(Duration::from_millis(millis));
    }

    fn ask(&mut self, id: &str, payload: &str) {
        let text =
            format!(r#"{{"id":"{id}","type":"request","topic":"{LIST}","payload":{payload}}}"#);
        let envelope = Envelope::read(text.as_bytes(), Direction::Out);
        self.clients.asked(&envelope, self.now);
    }

    fn answer(&mut self, text: &str) -> Vec<String> {
        let envelope = Envelope::read(text.as_bytes(), Direction::In);
        self.clients
            .listed(&envelope, text.len(), &self.own, self.now)
    }

    /// Asks for all and gets that list.
    fn lists(&mut self, clients: &str) -> Vec<String> {
        self.ask("q", "{}");
        self.answer(&response("q", clients))
    }

    fn table(&self) -> picture::Clients {
        self.clients.picture().unwrap().as_ref().clone()
    }
}

fn response(id: &str, clients: &str) -> String {
    format!(
        r#"{{"id":"{id}","type":"response","topic":"{LIST}","payload":{{"clients":{clients}}}}}"#
    )
}

fn row(id: &str, name: &str) -> String {
    format!(r#"{{"id":"{id}","name":"{name}","clientType":"cli","clientUrl":""}}"#)
}

fn list(rows: &[(&str, &str)]) -> String {
    let rows: Vec<_> = rows.iter().map(|(id, name)| row(id, name)).collect();
    format!("[{}]", rows.join(","))
}

const US: (&str, &str) = ("us", "wspect");

#[test]
fn arrivals_changes_and_departures_are_told() {
    let mut session = Session::new();
    assert!(session.lists(&list(&[US, ("a", "A")])).is_empty());
    assert!(session.table().rows.iter().all(|client| client.from_start));
    session.wait(1_000);
    let told = session.lists(&list(&[("b", "B"), US, ("a", "AA")]));
    assert_eq!(
        told,
        [
            "client B (cli, id b) has arrived",
            "client A (cli, id a): name is now AA"
        ]
    );
    session.wait(1_000);
    let told = session.lists(&list(&[US, ("b", "B")]));
    assert_eq!(told, ["client AA (cli, id a) has left"]);
    let table = session.table();
    assert_eq!((table.arrived, table.left), (1, 1));
    let gone: Vec<_> = table.rows.iter().filter(|row| row.gone.is_some()).collect();
    assert_eq!((gone.len(), &*gone[0].name), (1, "AA"));
    let new = table.rows.iter().find(|row| row.id == "b").unwrap();
    assert!(!new.from_start && new.gone.is_none());
    assert!(table.rows.iter().any(|row| row.own));
}

#[test]
fn who_comes_back_is_shown_once() {
    let mut session = Session::new();
    session.lists(&list(&[US, ("a", "A")]));
    session.lists(&list(&[US]));
    session.lists(&list(&[US, ("a", "A")]));
    let table = session.table();
    assert_eq!(table.rows.len(), 2);
    assert_eq!((table.arrived, table.left), (1, 1));
}

#[test]
fn a_filtered_answer_changes_nothing() {
    let mut session = Session::new();
    session.lists(&list(&[US, ("a", "A")]));
    session.ask("f", r#"{"clientType":"browser"}"#);
    assert!(session.answer(&response("f", "null")).is_empty());
    assert_eq!(session.table().rows.len(), 2);
    assert!(!session.table().missing_self);
    for payload in [r#"{"clientType":""}"#, r#"{"clientType":null}"#, "null"] {
        session.ask("u", payload);
        session.answer(&response("u", &list(&[US])));
        assert_eq!(session.table().left, 1, "{payload}");
    }
}

#[test]
fn answers_nobody_asked_for_change_nothing() {
    let mut session = Session::new();
    assert!(session.answer(&response("x", &list(&[US]))).is_empty());
    assert!(session.clients.picture().is_none());
}

#[test]
fn our_own_absence_is_explained_once() {
    let mut session = Session::new();
    assert!(session.lists(&list(&[US])).is_empty());
    let told = session.lists("null");
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("same client_id"), "{told:?}");
    assert!(session.table().missing_self);
    assert!(session.lists("null").is_empty());
    session.lists(&list(&[US]));
    assert!(!session.table().missing_self);
}

#[test]
fn another_name_under_our_id_is_a_second_connection() {
    let mut session = Session::new();
    let told = session.lists(&list(&[("us", "somebody")]));
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("another connection with the same client_id"));
    assert!(session.lists(&list(&[("us", "somebody")])).is_empty());
}

#[test]
fn lists_are_read_leniently() {
    for (clients, rows, error) in [
        ("null", 0, false),
        ("[]", 0, false),
        (r#"[null,7,"x",{},{"id":""},{"id":7}]"#, 0, false),
        (r#"[{"id":"a"},{"ID":"a","name":null}]"#, 1, false),
        (r#"{"id":"a"}"#, 0, true),
        ("7", 0, true),
    ] {
        let mut session = Session::new();
        session.own.id.clear();
        session.lists(clients);
        let table = session.table();
        assert_eq!(
            (table.rows.len(), table.error.is_some()),
            (rows, error),
            "{clients}"
        );
    }
    let mut session = Session::new();
    session.lists(&list(&[US]));
    session.ask("q", "{}");
    session.answer(&format!(
        r#"{{"id":"q","type":"response","topic":"{LIST}"}}"#
    ));
    assert_eq!(session.table().rows.len(), 1);
    assert!(session.table().error.is_some());
}

#[test]
fn crowds_are_bounded_and_cause_no_false_departures() {
    let mut session = Session::new();
    let crowd = |range: std::ops::Range<u32>| {
        let rows: Vec<_> = range.map(|n| row(&format!("c{n}"), "x")).collect();
        rows
    };
    let mut rows = crowd(0..3_000);
    session.lists(&format!("[{}]", rows.join(",")));
    let table = session.table();
    assert_eq!((table.rows.len(), table.forgotten), (1_000, 2_000));
    rows.reverse();
    let told = session.lists(&format!("[{}]", rows.join(",")));
    assert_eq!(session.table().left, 0, "{told:?}");
    let told = session.lists(&list(&[US]));
    assert_eq!(told.len(), SENTENCES_MAX + 1);
    assert!(told[SENTENCES_MAX].contains("992 more"), "{told:?}");
    assert_eq!(session.table().rows.len(), 51);
}

#[test]
fn a_list_that_will_cut_go_clients_is_remarked_once() {
    let mut session = Session::new();
    let long = format!("[{}]", row("a", &"x".repeat(30_000)));
    session.own.id.clear();
    let told = session.lists(&long);
    assert!(told.iter().any(|line| line.contains("32,768")), "{told:?}");
    assert!(session.lists(&long).is_empty());
    assert!(session.table().rows[0].name.len() < 300);
}

#[test]
fn asks_are_paced_and_never_overlap() {
    let mut session = Session::new();
    session.clients.watch(Some(EVERY), Some(session.now));
    assert!(session.clients.is_due(session.now));
    session.ask("1", "{}");
    assert!(!session.clients.is_due(session.now));
    session.wait(5_000);
    assert!(!session.clients.is_due(session.now), "unanswered");
    session.wait(1_000);
    session.answer(&response("1", &list(&[US])));
    assert!(!session.clients.is_due(session.now));
    session.wait(5_000);
    assert!(session.clients.is_due(session.now));
    session.ask("2", "{}");
    session.wait(20_000);
    assert!(session.clients.is_due(session.now), "given up");
    assert!(session.table().error.unwrap().contains("not answered"));
}

#[test]
fn failures_slow_it_down_and_are_said_once() {
    let mut session = Session::new();
    session.clients.watch(Some(EVERY), Some(session.now));
    let mut told = 0;
    for n in 1..4 {
        assert!(session.clients.is_due(session.now));
        session.ask("1", "{}");
        told += session
            .answer(r#"{"id":"1","type":"error","topic":"system:list_clients","error":{"code":404,"message":"No handler for topic: system:list_clients"}}"#)
            .len();
        let next = session.clients.next_due().unwrap().since(session.now);
        assert_eq!(next, EVERY * 2u32.pow(n));
        session.now = session.now.after(next);
    }
    assert_eq!(told, 1);
}

#[test]
fn one_ask_on_a_connection_without_a_pace() {
    let mut session = Session::new();
    assert_eq!(session.clients.next_due(), None);
    session.clients.opened(session.now);
    assert!(session.clients.is_due(session.now));
    assert_eq!(session.clients.next_due(), None);
    session.lists(&list(&[US]));
    assert_eq!(session.clients.next_due(), None);
}

#[test]
fn a_new_connection_has_a_new_own_row_and_no_departure() {
    let mut session = Session::new();
    session.lists(&list(&[US, ("a", "A")]));
    session.clients.ended();
    session.own.id = "us2".to_owned();
    let told = session.lists(&list(&[("us2", "wspect"), ("a", "A")]));
    assert!(told.is_empty(), "{told:?}");
    assert_eq!(session.table().rows.len(), 2);
}

proptest! {
    #[test]
    fn any_answer_is_survived(
        answers in prop::collection::vec(
            prop_oneof![
                any::<Vec<u8>>().prop_map(|bytes| String::from_utf8_lossy(&bytes).into_owned()),
                "[\\[\\]{}\",:a-c0-9 null]{0,80}",
            ],
            1..6,
        ),
    ) {
        let mut session = Session::new();
        for answer in answers {
            session.ask("q", "{}");
            let told = session.answer(&response("q", &answer));
            prop_assert!(told.len() <= SENTENCES_MAX + 3);
            let _ = session.clients.picture();
        }
    }
}
