use super::*;

struct Desk {
    broker: Arc<Broker>,
}

struct Guest {
    broker: Arc<Broker>,
    member: Member,
    queue: mpsc::Receiver<Vec<u8>>,
}

impl Desk {
    fn new(settings: Settings) -> Self {
        Self {
            broker: Broker::new(settings),
        }
    }

    fn guest(&self, id: &str) -> Guest {
        let (member, queue) = self.broker.join(Client::assumed(id, ""));
        Guest {
            broker: Arc::clone(&self.broker),
            member,
            queue,
        }
    }
}

impl Guest {
    /// Hands in a message; slow work runs beside, as in a connection.
    async fn says(&self, message: &str) {
        let effect = self.broker.receive(&self.member, message.as_bytes()).await;
        if let Effect::Pending(work) = effect.unwrap() {
            tokio::spawn(work);
        }
    }

    async fn hears(&mut self) -> String {
        let message = self.queue.recv().await.unwrap();
        let text = String::from_utf8(message).unwrap();
        text.strip_suffix('\n').unwrap().to_owned()
    }

    /// The id of the request it is asked next.
    async fn is_asked(&mut self) -> String {
        let request = self.hears().await;
        let request = Value::parse(request.as_bytes()).unwrap();
        request.member("id").unwrap().string().unwrap()
    }

    fn hears_nothing(&mut self) -> bool {
        self.queue.try_recv().is_err()
    }
}

#[tokio::test]
async fn a_publish_goes_to_every_subscriber_without_its_id() {
    let desk = Desk::new(Settings::default());
    let (mut a, mut b) = (desk.guest("fanout-a"), desk.guest("fanout-b"));
    a.says(r#"{"id":"s","type":"subscribe_request","topic":"t"}"#)
        .await;
    assert_eq!(
        a.hears().await,
        r#"{"id":"s","type":"subscription_ack","topic":"t","payload":{"status":"subscribed","topic":"t"}}"#
    );
    a.says(r#"{"id":"p","type":"publish","topic":"t","payload":{ "n" : 1.0 },"error":{}}"#)
        .await;
    assert_eq!(
        a.hears().await,
        r#"{"type":"publish","topic":"t","payload":{"n":1.0}}"#
    );
    b.says(r#"{"type":"publish","topic":"t"}"#).await;
    assert_eq!(
        a.hears().await,
        r#"{"type":"publish","topic":"t","payload":null}"#
    );
    b.says(r#"{"type":"publish","topic":""}"#).await;
    a.says(r#"{"id":"u","type":"unsubscribe_request","topic":"t"}"#)
        .await;
    assert!(a.hears().await.contains("unsubscribed"));
    a.says(r#"{"type":"publish","topic":"t"}"#).await;
    assert!(a.hears_nothing() && b.hears_nothing());
}

#[tokio::test]
async fn topics_may_not_be_empty() {
    let desk = Desk::new(Settings::default());
    let mut a = desk.guest("empty-topic");
    a.says(r#"{"id":"s","type":"subscribe_request"}"#).await;
    assert_eq!(
        a.hears().await,
        r#"{"id":"s","type":"error","error":{"code":400,"message":"Subscription topic cannot be empty"}}"#
    );
    a.says(r#"{"id":"u","type":"unsubscribe_request","topic":""}"#)
        .await;
    a.says(r#"{"id":"r","type":"request"}"#).await;
    assert_eq!(
        a.hears().await,
        r#"{"id":"r","type":"error","error":{"code":404,"message":"No handler for topic: "}}"#
    );
}

#[tokio::test]
async fn kinds_the_broker_does_not_know_are_ignored() {
    let desk = Desk::new(Settings::default());
    let mut a = desk.guest("odd-kinds");
    for message in [
        "null",
        "{}",
        r#"{"type":"subscribe","topic":"t"}"#,
        r#"{"type":"subscription_ack","topic":"t"}"#,
        r#"{"id":"x","type":"response"}"#,
        r#"{"id":"x","type":"error","error":{"code":1}}"#,
        r#"{"type":"Request","topic":"system:get_time"}"#,
    ] {
        a.says(message).await;
        assert!(a.hears_nothing(), "{message}");
    }
    assert!(desk.broker.receive(&a.member, b"[]").await.is_err());
}

#[tokio::test]
async fn clients_are_listed_by_type_and_null_means_none() {
    let desk = Desk::new(Settings::default());
    let mut a = desk.guest("lister-001");
    a.says(r#"{"id":"r","type":"request","topic":"system:register","payload":{"clientName":"me","clientType":"cli"}}"#)
        .await;
    assert!(a.hears().await.starts_with(
        r#"{"id":"r","type":"response","topic":"system:register","payload":{"serverAssignedId":"lister-001","clientName":"me","serverTime":""#
    ));
    let ask = |kind: &str| {
        format!(
            r#"{{"id":"l","type":"request","topic":"system:list_clients","payload":{{"clientType":"{kind}"}}}}"#
        )
    };
    a.says(&ask("cli")).await;
    assert_eq!(
        a.hears().await,
        r#"{"id":"l","type":"response","topic":"system:list_clients","payload":{"clients":[{"id":"lister-001","name":"me","clientType":"cli","clientUrl":""}]}}"#
    );
    a.says(&ask("CLI")).await;
    assert!(a.hears().await.ends_with(r#""payload":{"clients":null}}"#));
    a.says(r#"{"id":"r","type":"request","topic":"system:register","payload":"x"}"#)
        .await;
    assert!(a.hears().await.contains(
        r#"failed to unmarshal payload into shared_types.ClientRegistration: json: cannot unmarshal string into Go value of type shared_types.ClientRegistration. Raw: \"x\""#
    ));
}

#[tokio::test]
async fn a_proxied_call_returns_what_the_target_says() {
    let desk = Desk::new(Settings::default());
    let (mut a, mut b) = (desk.guest("asker-001"), desk.guest("target-01"));
    let ask = r#"{"id":"p","type":"request","topic":"system:proxy","payload":{"targetId":"target-01","topic":"do:it"}}"#;
    a.says(ask).await;
    let request = b.hears().await;
    assert!(request.ends_with(r#""type":"request","topic":"do:it","payload":null}"#));
    let id = Value::parse(request.as_bytes())
        .unwrap()
        .member("id")
        .unwrap()
        .string()
        .unwrap();
    assert_eq!(id.len(), 32);
    // Another connection's answer does not count, and a type of `error` alone is no error.
    a.says(&format!(r#"{{"id":"{id}","type":"response","payload":1}}"#))
        .await;
    b.says(&format!(
        r#"{{"id":"{id}","type":"error","payload":{{"error":"js"}}}}"#
    ))
    .await;
    assert_eq!(
        a.hears().await,
        r#"{"id":"p","type":"response","topic":"system:proxy","payload":{"error":"js"}}"#
    );
    a.says(ask).await;
    let id = b.is_asked().await;
    b.says(&format!(
        r#"{{"id":"{id}","type":"response","error":{{}}}}"#
    ))
    .await;
    assert!(a.hears().await.contains(&format!(
        r#"{{"code":500,"message":"proxy target error: client target-01 responded with error (code 0) for request ID {id}: "}}"#
    )));
}

#[tokio::test]
async fn a_proxied_call_fails_in_the_brokers_words() {
    let desk = Desk::new(Settings {
        request_timeout: Duration::from_millis(20),
        ..Settings::default()
    });
    let (mut a, mut b) = (desk.guest("asker-001"), desk.guest("target-01"));
    for (payload, text) in [
        (
            r#"{"topic":"t"}"#,
            "proxy request missing target client ID".to_owned(),
        ),
        (
            r#"{"targetId":"ghost-id"}"#,
            "proxy target client: client with ID 'ghost-id' not found".to_owned(),
        ),
    ] {
        a.says(&format!(
            r#"{{"id":"p","type":"request","topic":"system:proxy","payload":{payload}}}"#
        ))
        .await;
        assert!(a.hears().await.contains(&text), "{payload}");
    }
    let ask =
        r#"{"id":"p","type":"request","topic":"system:proxy","payload":{"targetId":"target-01"}}"#;
    a.says(ask).await;
    let id = b.is_asked().await;
    assert!(a.hears().await.contains(&format!(
        "proxy target error: request to client target-01 (ID: {id}) timed out after 20ms"
    )));
    a.says(ask).await;
    let id = b.is_asked().await;
    desk.broker.leave(&b.member);
    assert!(a.hears().await.contains(&format!(
        "proxy target error: client target-01 context done while waiting for response (ID: {id}): context canceled"
    )));
}

#[tokio::test]
async fn the_third_drop_marks_the_connection_as_overrun() {
    let desk = Desk::new(Settings {
        send_buffer: 2,
        ..Settings::default()
    });
    let slow = desk.guest("slow-0001");
    slow.says(r#"{"type":"subscribe_request","topic":"t"}"#)
        .await;
    let publish = || desk.broker.publish("t", "1");
    for _ in 0..3 {
        publish().await.unwrap();
    }
    assert!(slow.member.peer.overrun().now_or_never().is_none());
    // The third drop stands still until the connection is gone.
    let third = tokio::spawn({
        let broker = Arc::clone(&desk.broker);
        async move { broker.publish("t", "1").await }
    });
    slow.member.peer.overrun().await;
    assert!(!third.is_finished());
    desk.broker.leave(&slow.member);
    third.await.unwrap().unwrap();
}

#[tokio::test]
async fn requests_without_an_id_are_answered_without_one() {
    let desk = Desk::new(Settings::default());
    let mut a = desk.guest("no-id-001");
    a.says(r#"{"type":"request","topic":"test:ack_only"}"#)
        .await;
    assert!(a.hears_nothing());
    a.says(r#"{"id":"","type":"request","topic":"no:such"}"#)
        .await;
    assert_eq!(
        a.hears().await,
        r#"{"type":"error","topic":"no:such","error":{"code":404,"message":"No handler for topic: no:such"}}"#
    );
}
