//! Generation 2.

use super::{Convention, Generation, Kind, Origin, PROXY, REGISTER, Way};
use crate::protocol::websocketmq::clients::LIST;

const BUILT_IN: (Generation, Origin) = (Generation::Two, Origin::BuiltIn);
const BROWSER: (Generation, Origin) = (Generation::Two, Origin::BrowserControl);
const DEMO: (Generation, Origin) = (Generation::Two, Origin::Demo);

const CALL: (Kind, Way) = (Kind::Request, Way::ToBroker);
const PROXIED: (Kind, Way) = (Kind::Request, Way::ToClient);
const CALLED: (Kind, Way) = (Kind::Request, Way::FromBroker);
const TOLD: (Kind, Way) = (Kind::Publish, Way::FromBroker);
const SPREAD: (Kind, Way) = (Kind::Publish, Way::Between);

const fn browser(
    topic: &'static str,
    payload: &'static str,
    result: &'static str,
    about: &'static str,
) -> Convention {
    Convention::new(BROWSER, PROXIED, topic, payload, result, about)
}

pub(super) static ALL: [Convention; 23] = [
    Convention::new(
        BUILT_IN,
        CALL,
        LIST,
        r#"{"clientType":""}"#,
        r#"{"clients":[{"id":"mwpmbtdy3tixjqz3","name":"browser-mwpmbtdy","clientType":"browser","clientUrl":"http://localhost:8090/"}]}"#,
        "the clients connected now, all or of one type; null when there is none (2.2 and later)",
    ),
    Convention::new(
        BUILT_IN,
        CALL,
        PROXY,
        r#"{"targetId":"","topic":"browser.info","payload":{}}"#,
        r#"{"success":true}"#,
        "calls another client: the broker waits 10 s and hands its payload through (2.2 and later)",
    ),
    Convention::new(
        BUILT_IN,
        CALL,
        REGISTER,
        r#"{"clientId":"","clientName":"wspect","clientType":"inspector","clientUrl":""}"#,
        r#"{"serverAssignedId":"a1b2c3d4e5f60718293a4b5c6d7e8f90","clientName":"wspect","serverTime":"2025-05-21T08:35:46-07:00"}"#,
        "tells name, type and URL; empty values leave the previous ones (2.1 and later)",
    ),
    Convention::new(
        BUILT_IN,
        SPREAD,
        "system:hot_reload",
        r#"{"timestamp":1747841746}"#,
        "",
        "the files of a page have changed: subscribed pages load themselves again",
    )
    .dangerous("every page subscribed to system:hot_reload reloads, whoever is working in it"),
    Convention::new(
        BUILT_IN,
        CALL,
        "system:hotreload_ready",
        r#"{"url":"http://localhost:8090/","userAgent":"wspect","timestamp":"${now}"}"#,
        "",
        "a page tells that it can be reloaded; the shipped page publishes it, which reaches only \
         subscribers",
    ),
    Convention::new(
        BUILT_IN,
        CALL,
        "system:client_error",
        r#"{"message":"x is not defined","filename":"http://localhost:8090/app.js","lineno":3,"colno":7,"stack":"","timestamp":"${now}"}"#,
        "",
        "a page reports an error of its script; the shipped page publishes it, which reaches only \
         subscribers",
    ),
    browser(
        "browser.info",
        "{}",
        r#"{"userAgent":"","url":"","title":"","viewport":{"width":0,"height":0}}"#,
        "what page the browser shows",
    ),
    browser(
        "browser.alert",
        r#"{"message":"hello"}"#,
        r#"{"success":true,"message":""}"#,
        "shows a message box in the browser",
    ),
    browser(
        "browser.click",
        r##"{"selector":"#button"}"##,
        r#"{"success":true,"element":""}"#,
        "clicks an element",
    ),
    browser(
        "browser.scroll",
        r#"{"x":0,"y":0}"#,
        r#"{"success":true,"scrollX":0,"scrollY":0}"#,
        "scrolls the page",
    ),
    browser(
        "browser.fillForm",
        r#"{"fields":{"name":"value"}}"#,
        r#"{"success":true,"filled":["name"]}"#,
        "fills fields of a form, by their ids",
    ),
    browser(
        "browser.submitForm",
        "{}",
        r#"{"success":true,"data":{}}"#,
        "submits the form",
    ),
    browser(
        "browser.clearForm",
        "{}",
        r#"{"success":true}"#,
        "empties the form",
    ),
    browser(
        "browser.screenshot",
        "{}",
        r#"{"success":true,"dataUrl":"data:image/png;base64,"}"#,
        "a picture of the page; over 32 KiB it cuts a Go client that asked for it",
    ),
    browser(
        "browser.navigate",
        r#"{"url":"https://example.com"}"#,
        r#"{"success":true,"message":""}"#,
        "has the browser go to another page",
    )
    .dangerous("the browser leaves its page, and what was typed there is lost"),
    browser(
        "browser.exec",
        r#"{"code":"document.title"}"#,
        r#"{"success":true,"result":null}"#,
        "runs code in the page",
    )
    .dangerous("the code runs in somebody's browser, with all that page may do"),
    Convention::new(
        DEMO,
        CALL,
        "system:get_time",
        "",
        r#"{"currentTime":"2025-05-21T08:35:46-07:00"}"#,
        "the server's clock",
    ),
    Convention::new(
        DEMO,
        CALL,
        "user:get_details",
        r#"{"userId":"user123"}"#,
        r#"{"userId":"user123","name":"Jane Doe (Server)","email":"jane.server@example.com"}"#,
        "a user; one the server does not know is an error 500",
    ),
    Convention::new(
        DEMO,
        CALL,
        "system:error_test",
        r#"{"shouldError":true}"#,
        r#"{"message":""}"#,
        "an error 500 on demand",
    ),
    Convention::new(
        DEMO,
        CALL,
        "server:slow_request",
        r#"{"delayMilliseconds":2000}"#,
        r#"{"message":""}"#,
        "an answer after that time",
    ),
    Convention::new(
        DEMO,
        CALLED,
        "client:get_status",
        r#"{"queryDetailLevel":"full"}"#,
        r#"{"clientId":"","status":"ok","uptime":"12.5s"}"#,
        "the server asks how the client is",
    ),
    Convention::new(
        DEMO,
        TOLD,
        "server:announcements",
        r#"{"message":"Server Periodic Announcement!","timestamp":"${now}"}"#,
        "",
        "the sample server's announcement, every 5 s",
    ),
    Convention::new(
        DEMO,
        SPREAD,
        "test:broadcast",
        r#"{"content":"hello","sentAt":"${now}"}"#,
        "",
        "a message to everybody subscribed",
    ),
];
