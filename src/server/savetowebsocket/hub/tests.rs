use super::*;

fn hub(room: usize, behaviour: Behaviour) -> Hub {
    Hub::new(&Settings {
        queue: room,
        max_queue_size: 3,
        behaviour,
        ..Settings::default()
    })
}

fn faithful(room: usize) -> Hub {
    hub(room, Behaviour::FAITHFUL)
}

fn texts(membership: &mut Membership) -> Vec<String> {
    let text = |bytes: Bytes| String::from_utf8(bytes.to_vec()).unwrap();
    let mut all = Vec::new();
    while let Ok(parcel) = membership.channel.try_recv() {
        match parcel {
            Parcel::One(message) => all.push(text(message)),
            Parcel::Queued(messages) => all.extend(messages.into_iter().map(text)),
        }
    }
    all
}

fn register(hub: &Hub, membership: &Membership, filters: &str) -> Registration {
    let message = format!(r#"{{"type":"register","filters":{filters}}}"#);
    hub.received(membership.id, message.as_bytes())
}

fn registered(hub: &Hub, filters: &str) -> Membership {
    let mut membership = hub.join(b"welcome");
    assert_eq!(register(hub, &membership, filters), Registration::First);
    let texts = texts(&mut membership);
    assert_eq!(texts[0], "welcome");
    assert!(texts[1].ends_with(r#""type":"registered"}"#));
    membership
}

fn feed(hub: &Hub, event: &'static str) {
    hub.feed(&Bytes::from_static(event.as_bytes()), false)
        .unwrap();
}

#[test]
fn events_before_the_register_are_lost() {
    let hub = faithful(4);
    let mut client = hub.join(b"welcome");
    feed(&hub, "{}");
    assert_eq!(register(&hub, &client, "{}"), Registration::First);
    feed(&hub, "{\"n\":2}");
    let texts = texts(&mut client);
    assert_eq!(texts.len(), 3);
    assert_eq!(texts[2], "{\"n\":2}");
}

#[test]
fn with_a_queue_those_that_pass_are_flushed_up_to_its_size() {
    let behaviour = Behaviour {
        queues: true,
        ..Behaviour::FAITHFUL
    };
    let hub = hub(2, behaviour);
    let mut client = hub.join(b"welcome");
    for event in [
        r#"{"type":"a","n":1}"#,
        r#"{"type":"b","n":2}"#,
        r#"{"type":"a","n":3}"#,
        r#"{"type":"a","n":4}"#,
    ] {
        feed(&hub, event);
    }
    assert_eq!(texts(&mut client), ["welcome"]);
    register(&hub, &client, r#"{"types":["a"]}"#);
    let texts = texts(&mut client);
    assert!(texts[0].contains("registered"));
    assert_eq!(
        texts[1..],
        [r#"{"type":"a","n":1}"#, r#"{"type":"a","n":3}"#]
    );
}

#[test]
fn filters_are_replaced_in_silence() {
    let hub = faithful(4);
    let mut client = registered(&hub, r#"{"types":["payment"]}"#);
    feed(&hub, r#"{"type":"trade"}"#);
    let updated = register(&hub, &client, r#"{"types":["trade"]}"#);
    assert_eq!(updated, Registration::Update);
    let faulty = register(&hub, &client, r#"{"types":"payment"}"#);
    assert_eq!(faulty, Registration::Ignored);
    feed(&hub, r#"{"type":"payment"}"#);
    feed(&hub, r#"{ "type":"trade" }"#);
    assert_eq!(texts(&mut client), [r#"{ "type":"trade" }"#]);
}

#[test]
fn a_full_channel_ends_the_membership_but_not_what_is_in_it() {
    let hub = faithful(2);
    let mut client = registered(&hub, "{}");
    let mut other = registered(&hub, r#"{"types":["x"]}"#);
    assert_eq!(hub.least_room(), 2);
    for event in [
        "{\"n\":1}",
        r#"{"n":2,"type":"y"}"#,
        "{\"n\":3,\"type\":\"x\"}",
    ] {
        feed(&hub, event);
    }
    assert_eq!(hub.least_room(), 0);
    assert_eq!(texts(&mut client).len(), 2);
    assert!(client.channel.is_closed());
    // An update of the filters changes nothing any more.
    assert_eq!(register(&hub, &client, "{}"), Registration::Update);
    feed(&hub, "{\"n\":4,\"type\":\"z\"}");
    assert_eq!(texts(&mut client).len(), 0);
    assert_eq!(texts(&mut other).len(), 2);
    assert_eq!(hub.count(), (1, 1));
}

#[test]
fn what_is_no_event_reaches_nobody() {
    let hub = faithful(2);
    let mut client = registered(&hub, "{}");
    for event in ["[1,2]", "\"str\"", "not json"] {
        let fed = hub.feed(&Bytes::from_static(event.as_bytes()), false);
        assert!(fed.is_err(), "{event}");
    }
    assert!(texts(&mut client).is_empty());
}

#[tokio::test(start_paused = true)]
async fn many_comings_and_goings_crash_it_only_while_events_flow() {
    let mut settings = Settings::default();
    settings.faults.crash_on_churn = Some(4);
    let hub = Hub::new(&settings);
    let crashes = hub.crashes();
    let come_and_go = || hub.leave(hub.join(b"welcome").id);
    for _ in 0..10 {
        come_and_go();
    }
    assert_eq!(*crashes.borrow(), 0, "nothing is fed");
    feed(&hub, "{}");
    tokio::time::advance(CHURN_SPAN).await;
    feed(&hub, "{}");
    come_and_go();
    assert_eq!(*crashes.borrow(), 0, "the others are long ago");
    come_and_go();
    assert_eq!(*crashes.borrow(), 1);
    assert_eq!(hub.count(), (0, 0));
}
