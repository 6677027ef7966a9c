//! The CORS layer of the Raccoon server, answer for answer as the real one's.

use std::net::SocketAddr;

use wspect::server::raccoon::{Cors, Settings};

use crate::client::Connection;
use crate::raccoon::raccoon;

const POST: &str = "Origin: http://a.example\r\nAccess-Control-Request-Method: POST\r\n";

/// Status and headers of an answer, those left out that every answer has.
async fn asked(address: SocketAddr, start: &str, headers: &str) -> (String, Vec<String>) {
    let mut connection = Connection::dial(address).await;
    let head = format!("{start} HTTP/1.1\r\nHost: h\r\n{headers}\r\n");
    connection.write(head.as_bytes()).await;
    let answer = connection.answer().await;
    let answer = String::from_utf8(answer).unwrap();
    let head = answer.split("\r\n\r\n").next().unwrap_or_default();
    let mut lines = head.lines().map(str::to_owned);
    let status = lines.next().unwrap()["HTTP/1.1 ".len()..][..3].to_owned();
    let usual = ["Date", "Content-Length", "Content-Type", "X-Content"];
    let rest = lines.filter(|line| !usual.iter().any(|name| line.starts_with(name)));
    (status, rest.collect())
}

fn with(cors: Cors) -> Settings {
    Settings {
        cors: Some(cors),
        ..Settings::default()
    }
}

#[tokio::test]
async fn preflights_of_any_origin() {
    let raccoon = raccoon(with(Cors::default())).await;
    let all = "Access-Control-Allow-Origin: *";
    let origin = "Origin: http://a.example\r\n";
    for (headers, status, marks) in [
        (POST.to_owned(), "200", vec![all]),
        (
            format!("{POST}Access-Control-Request-Headers: ,content-TYPE, Accept\r\n"),
            "200",
            vec!["Access-Control-Allow-Headers: Content-Type", all],
        ),
        (
            format!("{POST}Access-Control-Request-Headers: x-user-id\r\n"),
            "403",
            vec![],
        ),
        (
            format!("{origin}Access-Control-Request-Method: OPTIONS\r\n"),
            "200",
            vec!["Access-Control-Allow-Methods: OPTIONS", all],
        ),
        (
            format!("{origin}Access-Control-Request-Method: PUT\r\n"),
            "405",
            vec![],
        ),
        (
            format!("{origin}Access-Control-Request-Method: post\r\n"),
            "405",
            vec![],
        ),
        (origin.to_owned(), "400", vec![]),
        (
            "Access-Control-Request-Method: POST\r\n".to_owned(),
            "200",
            vec![],
        ),
    ] {
        for path in ["/api/v1/events", "/nowhere"] {
            let answer = asked(raccoon.address, &format!("OPTIONS {path}"), &headers).await;
            let marks: Vec<String> = marks.iter().map(|&mark| mark.to_owned()).collect();
            assert_eq!(answer, (status.to_owned(), marks), "{headers}");
        }
    }
}

#[tokio::test]
async fn one_origin_is_named_and_others_are_passed_over() {
    let raccoon = raccoon(with(Cors {
        origins: vec!["http://a.example".to_owned()],
        credentials: true,
        max_age: 7777,
        ..Cors::default()
    }));
    let raccoon = raccoon.await;
    let named = [
        "Access-Control-Allow-Credentials: true",
        "Access-Control-Allow-Origin: http://a.example",
        "Access-Control-Max-Age: 600",
    ];
    let (status, marks) = asked(raccoon.address, "OPTIONS /api/v1/events", POST).await;
    assert_eq!(
        (&*status, &marks[..]),
        ("200", &named.map(str::to_owned)[..])
    );
    let foreign = "Origin: http://A.EXAMPLE\r\n";
    let (status, marks) = asked(raccoon.address, "OPTIONS /api/v1/events", foreign).await;
    assert_eq!((&*status, &marks[..]), ("200", &[][..]));
    // Other answers are marked, too, refusals included; foreign pages are served unmarked.
    let origin = "Origin: http://a.example\r\n";
    for (start, status) in [
        ("GET /ping", "200"),
        ("POST /api/v1/events", "400"),
        ("PUT /api/v1/events", "405"),
        ("GET /nowhere", "404"),
    ] {
        let (got, marks) = asked(raccoon.address, start, origin).await;
        assert_eq!(
            (&*got, &marks[..]),
            (status, &named.map(str::to_owned)[..2])
        );
        let (got, marks) = asked(raccoon.address, start, foreign).await;
        assert_eq!((&*got, &marks[..]), (status, &[][..]));
    }
}

/// Several origins, and a WebSocket that CORS does not help.
#[tokio::test]
async fn a_foreign_page_cannot_open_a_websocket_though_it_may_post() {
    let raccoon = raccoon(with(Cors {
        origins: vec!["http://b".to_owned(), "http://a.example".to_owned()],
        ..Cors::default()
    }));
    let raccoon = raccoon.await;
    let upgrade = "Origin: http://a.example\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
                   Sec-WebSocket-Key: any\r\nSec-WebSocket-Version: 13\r\n";
    let (status, marks) = asked(raccoon.address, "GET /api/v1/events", upgrade).await;
    let expected = [
        "Access-Control-Allow-Origin: http://a.example",
        "Sec-Websocket-Version: 13",
        "Vary: Origin",
    ];
    assert_eq!(
        (&*status, &marks[..]),
        ("403", &expected.map(str::to_owned)[..])
    );
}
