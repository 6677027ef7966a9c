use std::time::Duration;

use super::super::faults::Silence;
use super::super::hub::{Membership, Parcel};
use super::super::settings::Settings;
use super::*;

struct Rig {
    pump: Pump,
    hub: Arc<Hub>,
    client: Membership,
}

/// A pump with one client that has registered.
fn rig(faults: Faults) -> Rig {
    let settings = Settings {
        queue: 4096,
        faults,
        ..Settings::default()
    };
    let hub = Arc::new(Hub::new(&settings));
    let client = hub.join(b"welcome");
    hub.received(client.id, b"{\"type\":\"register\"}");
    let mut rig = Rig {
        pump: Pump::new(Arc::clone(&hub), settings.faults, 7),
        hub,
        client,
    };
    assert_eq!(rig.received().len(), 2);
    rig
}

impl Rig {
    async fn give(&mut self, count: usize) -> Result<(), Over> {
        for n in 0..count {
            let event = format!(r#"{{"n":{n},"memo":"rent"}}"#);
            self.pump.give(event.into_bytes(), true).await?;
        }
        Ok(())
    }

    fn received(&mut self) -> Vec<Bytes> {
        let mut all = Vec::new();
        while let Ok(parcel) = self.client.channel.try_recv() {
            match parcel {
                Parcel::One(message) => all.push(message),
                Parcel::Queued(messages) => all.extend(messages),
            }
        }
        all
    }
}

#[tokio::test]
async fn without_faults_everything_comes_as_it_is() {
    let mut rig = rig(Faults::default());
    rig.give(100).await.unwrap();
    let received = rig.received();
    assert_eq!(received.len(), 100);
    assert_eq!(received[99], r#"{"n":99,"memo":"rent"}"#);
    assert_eq!(rig.pump.jump(), 0);
}

#[tokio::test]
async fn events_are_lost_and_doubled() {
    let mut lossy = rig(Faults {
        drop_one_in: 4,
        ..Faults::default()
    });
    lossy.give(400).await.unwrap();
    let count = lossy.received().len();
    assert!((250..350).contains(&count), "{count}");
    let mut doubled = rig(Faults {
        duplicate_one_in: 4,
        ..Faults::default()
    });
    doubled.give(400).await.unwrap();
    let received = doubled.received();
    let twice = received.windows(2).filter(|two| two[0] == two[1]).count();
    assert_eq!(received.len(), 400 + twice);
    assert!((50..150).contains(&twice), "{twice}");
}

#[tokio::test]
async fn events_are_spoilt() {
    let mut odd = rig(Faults {
        bad_utf8_one_in: 3,
        null_one_in: 3,
        no_object_one_in: 3,
        ..Faults::default()
    });
    odd.give(300).await.unwrap();
    let received = odd.received();
    let bad = received
        .iter()
        .filter(|event| event.ends_with(b"\"memo\":\"\xff\xferent\"}"))
        .count();
    let null = received.iter().filter(|event| ***event == *b"null").count();
    let lost = 300 - received.len();
    for count in [bad, null, lost] {
        assert!((20..150).contains(&count), "{bad} {null} {lost}");
    }
    assert!(
        received
            .iter()
            .all(|event| event.starts_with(b"{\"n") || **event == *b"null")
    );
}

#[tokio::test]
async fn huge_events_come_besides() {
    let mut rig = rig(Faults {
        huge_one_in: 1,
        huge_size: 100_000,
        ..Faults::default()
    });
    rig.give(3).await.unwrap();
    let lengths: Vec<_> = rig.received().iter().map(Bytes::len).collect();
    assert_eq!(lengths.len(), 6);
    assert!(lengths[1].abs_diff(100_000) < 1000, "{lengths:?}");
}

#[tokio::test(start_paused = true)]
async fn it_is_late_and_silent_when_told() {
    let start = Instant::now();
    let mut late = rig(Faults {
        delay: Duration::from_millis(100),
        ..Faults::default()
    });
    late.give(100).await.unwrap();
    let took = start.elapsed();
    assert!((2..8).contains(&took.as_secs()), "{took:?}");
    let mut silent = rig(Faults {
        silence: Some(Silence {
            length: Duration::from_secs(40),
            every: Duration::from_mins(1),
        }),
        ..Faults::default()
    });
    let start = Instant::now();
    silent.give(1).await.unwrap();
    assert!(start.elapsed().is_zero());
    tokio::time::advance(Duration::from_secs(21)).await;
    silent.give(1).await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 60);
}

#[tokio::test]
async fn the_pipeline_ends_after_so_many_events() {
    let mut rig = rig(Faults {
        end: Some(After::Events(5)),
        ..Faults::default()
    });
    assert_eq!(rig.give(9).await, Err(Over));
    assert_eq!(rig.received().len(), 5);
    assert!(rig.client.cut.is_cancelled());
    assert!(rig.hub.is_over());
    // A newcomer is taken, and gets nothing.
    let newcomer = rig.hub.join(b"welcome");
    assert!(!newcomer.cut.is_cancelled());
    assert_eq!(rig.give(1).await, Err(Over));
}

#[tokio::test(start_paused = true)]
async fn it_crashes_after_so_many_events_again_and_again() {
    let mut rig = rig(Faults {
        crash: Some(After::Events(2)),
        back_after: Some(Duration::from_secs(3)),
        ..Faults::default()
    });
    let start = Instant::now();
    rig.give(5).await.unwrap();
    assert_eq!(start.elapsed().as_secs(), 6);
    assert_eq!(*rig.hub.crashes().borrow(), 2);
    assert_eq!(rig.received().len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_crash_for_good_is_the_end() {
    let mut rig = rig(Faults {
        crash: Some(After::Events(2)),
        ..Faults::default()
    });
    assert_eq!(rig.give(5).await, Err(Over));
    assert_eq!(rig.hub.count(), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn time_crashes_and_ends_it_without_events() {
    let faults = Faults {
        crash: Some(After::Time(Duration::from_secs(10))),
        back_after: Some(Duration::from_secs(5)),
        ..Faults::default()
    };
    let crashing = rig(faults.clone());
    let clock = clock(Arc::clone(&crashing.hub), faults);
    let _ = tokio::time::timeout(Duration::from_secs(29), clock).await;
    assert_eq!(*crashing.hub.crashes().borrow(), 2);
    let faults = Faults {
        end: Some(After::Time(Duration::from_secs(10))),
        ..Faults::default()
    };
    let ending = rig(faults.clone());
    super::clock(Arc::clone(&ending.hub), faults).await;
    assert!(ending.hub.is_over());
}

#[test]
fn ledgers_jump_both_ways() {
    let jumps = |faults: Faults| -> Vec<i64> {
        let mut pump = rig(faults).pump;
        (0..100)
            .map(|_| pump.jump())
            .filter(|by| *by != 0)
            .collect()
    };
    let gaps = jumps(Faults {
        gap_one_in: 2,
        ..Faults::default()
    });
    assert!(gaps.len() > 20 && gaps.iter().all(|by| (1..=3).contains(by)));
    let back = jumps(Faults {
        regress_one_in: 2,
        ..Faults::default()
    });
    assert!(back.len() > 20 && back.iter().all(|by| (-4..=-2).contains(by)));
}

#[test]
fn what_is_no_event_is_told_in_the_words_of_go() {
    for (event, words) in [
        (
            &b"[1]"[..],
            "json: cannot unmarshal array into Go value of type map[string]interface {}",
        ),
        (b"{\"type\":", "unexpected end of JSON input"),
    ] {
        let error = Hub::new(&Settings::default())
            .feed(&Bytes::copy_from_slice(event), false)
            .unwrap_err();
        assert_eq!(in_go(&error, event), words);
    }
}
