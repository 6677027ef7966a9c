//! What the series mean together, as sentences a person can act on.

use super::history::{Buckets, History, Series};

/// Wait in the server's queue that is worth telling, milliseconds.
const IDLE_MS: f64 = 100.0;
/// Difference between the client's and the server's figure that is worth telling, milliseconds.
const APART_MS: f64 = 1_000.0;

/// What is remarkable about a server now.
#[must_use]
pub fn advice(history: &History) -> Vec<String> {
    let mut all = Vec::new();
    all.extend(queue(history));
    all.extend(unpublished(history));
    all.extend(gap(history));
    all.extend(clocks(history));
    if history.restarts() > 0 {
        let times = history.restarts();
        all.push(format!(
            "counters fell {times} times: the server was started anew, or several answer at this address"
        ));
    }
    all
}

/// What all series of a histogram measured since the first scrape.
fn measured(history: &History, name: &str) -> Buckets {
    let mut all = Buckets::default();
    for buckets in history.of(name).filter_map(Series::measured) {
        all.sum += buckets.sum;
        all.count += buckets.count;
    }
    all
}

fn queue(history: &History) -> Option<String> {
    let idle = measured(history, "batch_idle_in_channel_milliseconds").mean()?;
    (idle >= IDLE_MS).then(|| {
        format!(
            "batches wait {idle:.0} ms on average for a worker (batch_idle_in_channel): the sink is \
             slower than what comes in. If acks stay fast all the same, the server runs EVENT_ACK=0, \
             which hides the back-pressure until its queue is full and readers stop"
        )
    })
}

const SINKS: [&str; 3] = ["kafka", "pubsub", "kinesis"];

fn sink(history: &History, what: &str) -> Option<f64> {
    let names = SINKS.map(|sink| format!("{sink}_messages_{what}_total"));
    let there = names.iter().any(|name| history.of(name).next().is_some());
    let moved = names.iter().map(|name| history.moved(name, &[])).sum();
    there.then_some(moved)
}

fn unpublished(history: &History) -> Option<String> {
    let failed = sink(history, "undelivered").filter(|failed| *failed > 0.0)?;
    Some(format!(
        "{failed:.0} events were not published since the first scrape (messages_undelivered): with \
         EVENT_ACK=0 no ack tells"
    ))
}

fn gap(history: &History) -> Option<String> {
    let delivered = sink(history, "delivered")?;
    let undelivered = sink(history, "undelivered").unwrap_or(0.0);
    let gap = history.moved("events_rx_total", &[]) - delivered - undelivered;
    (gap >= 1.0).then(|| {
        format!(
            "{gap:.0} events came in and are neither delivered nor undelivered: they are in the queue, \
             or were lost"
        )
    })
}

fn clocks(history: &History) -> Option<String> {
    let from_client = measured(history, "event_processing_duration_milliseconds").mean()?;
    let in_server = measured(history, "server_processing_latency_milliseconds").mean()?;
    (from_client.abs() > in_server + APART_MS).then(|| {
        format!(
            "from sent_time to published takes {from_client:.0} ms by event, in the server {in_server:.0} \
             ms: a slow network, retries with an old sent_time, or clocks that differ"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::raccoon::metrics::Page;
    use crate::transport::clock;

    fn told(page: &str) -> Vec<String> {
        let mut history = History::default();
        let names = "# TYPE events_rx_total counter\n# TYPE kafka_messages_delivered_total counter\n\
                     # TYPE kafka_messages_undelivered_total counter\n\
                     # TYPE batch_idle_in_channel_milliseconds histogram\n\
                     # TYPE event_processing_duration_milliseconds histogram\n\
                     # TYPE server_processing_latency_milliseconds histogram\n";
        for page in ["", page] {
            history.take(
                &Page::read(format!("{names}{page}").as_bytes()),
                clock::now(),
            );
        }
        advice(&history)
    }

    #[test]
    fn nothing_is_said_of_a_healthy_server() {
        let healthy = "events_rx_total{event_type=\"a\"} 5\nkafka_messages_delivered_total{topic=\"t\"} 5\n\
                       batch_idle_in_channel_milliseconds_sum{worker=\"w\"} 5\n\
                       batch_idle_in_channel_milliseconds_count{worker=\"w\"} 5\n";
        assert!(told(healthy).is_empty(), "{:?}", told(healthy));
        assert!(told("").is_empty());
    }

    #[test]
    fn each_reading_tip_by_its_case() {
        for (page, needle) in [
            (
                "batch_idle_in_channel_milliseconds_sum{worker=\"w\"} 5000\nbatch_idle_in_channel_milliseconds_count{worker=\"w\"} 10\n",
                "wait 500 ms",
            ),
            (
                "events_rx_total 9\nkafka_messages_delivered_total 4\nkafka_messages_undelivered_total 2\n",
                "3 events came in",
            ),
            (
                "kafka_messages_undelivered_total 2\n",
                "2 events were not published",
            ),
            (
                "event_processing_duration_milliseconds_sum 90000\nevent_processing_duration_milliseconds_count 9\n\
                 server_processing_latency_milliseconds_sum 9\nserver_processing_latency_milliseconds_count 9\n",
                "clocks that differ",
            ),
        ] {
            let told = told(page);
            assert!(
                told.iter().any(|one| one.contains(needle)),
                "{needle}: {told:?}"
            );
        }
    }
}
