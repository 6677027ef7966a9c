//! One HTTP/2 connection and the calls on it.

use std::convert::Infallible;
use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::answer::{Answer, refusal, success};
use super::head::Head;
use super::{Code, GREETING_MAX, HEADERS_MAX, STREAMS_MAX, Service, Status, message};

/// When a connection is pinged though nothing is wrong, and how long that may take; grpc-go's own.
const KEEP_ALIVE: (Duration, Duration) = (Duration::from_hours(2), Duration::from_secs(20));

/// The timer's step: less is over before anything could be read, even if it is there already.
const TIMER_STEP: Duration = Duration::from_millis(1);

/// Serves one connection until the client leaves, or until `stopping` is cancelled and the calls
/// that run are answered. Dropping the future ends its calls, too.
pub async fn serve(
    stream: TcpStream,
    service: Arc<impl Service>,
    stopping: &CancellationToken,
) -> hyper::Result<()> {
    let mut first = [0];
    let greeted = tokio::select! {
        greeted = timeout(GREETING_MAX, stream.peek(&mut first)) => greeted,
        () = stopping.cancelled() => return Ok(()),
    };
    if !matches!(greeted, Ok(Ok(_))) {
        return Ok(());
    }
    let calls = Arc::new(Mutex::new(JoinSet::new()));
    let mut builder = http2::Builder::new(Calls(Arc::downgrade(&calls)));
    builder
        .timer(TokioTimer::new())
        .auto_date_header(false)
        .max_concurrent_streams(STREAMS_MAX)
        .max_header_list_size(HEADERS_MAX)
        .keep_alive_interval(KEEP_ALIVE.0)
        .keep_alive_timeout(KEEP_ALIVE.1);
    let answering = service_fn(move |request| {
        let service = Arc::clone(&service);
        async move { Ok::<_, Infallible>(answer(request, &*service).await) }
    });
    let mut connection = pin!(builder.serve_connection(TokioIo::new(stream), answering));
    tokio::select! {
        ended = connection.as_mut() => return ended,
        () = stopping.cancelled() => connection.as_mut().graceful_shutdown(),
    }
    connection.await
}

async fn answer(request: Request<Incoming>, service: &impl Service) -> Response<Answer> {
    let (parts, body) = request.into_parts();
    let head = match Head::read(&parts, service) {
        Ok(head) => head,
        Err(refused) => return refusal(refused.http, refused.content_type, &refused.status),
    };
    let arriving = message::read(body, head.encoding.as_deref());
    // The client's time limits the reading only; grpc-go does not look at it again.
    let arrived = match head.timeout {
        Some(time) if time < TIMER_STEP => Err(too_late()),
        Some(time) => timeout(time, arriving)
            .await
            .unwrap_or_else(|_| Err(too_late())),
        None => arriving.await,
    };
    let replied = match arrived {
        Ok(message) => service.call(&head.method, &parts.headers, message).await,
        Err(status) => Err(status),
    };
    match replied {
        Ok(reply) => success(head.content_type, &reply, head.encoding.as_deref()),
        Err(status) => refusal(StatusCode::OK, head.content_type, &status),
    }
}

fn too_late() -> Status {
    Status::new(Code::DeadlineExceeded, "context deadline exceeded")
}

/// The tasks of one connection's calls. hyper keeps a copy in each of them, so they must not keep
/// the set alive.
#[derive(Clone)]
struct Calls(Weak<Mutex<JoinSet<()>>>);

impl<F> hyper::rt::Executor<F> for Calls
where
    F: Future<Output = ()> + Send + 'static,
{
    fn execute(&self, call: F) {
        // Gone together with the connection.
        let Some(calls) = self.0.upgrade() else {
            return;
        };
        let mut calls = calls.lock().unwrap_or_else(PoisonError::into_inner);
        while calls.try_join_next().is_some() {}
        calls.spawn(call);
    }
}
