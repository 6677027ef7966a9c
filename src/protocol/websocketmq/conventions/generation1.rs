//! Generation 1.

use super::{Convention, Generation, Kind, Origin, Way};

const BUILT_IN: (Generation, Origin) = (Generation::One, Origin::BuiltIn);
const BROWSER: (Generation, Origin) = (Generation::One, Origin::BrowserControl);
const DEMO: (Generation, Origin) = (Generation::One, Origin::Demo);

const CALL: (Kind, Way) = (Kind::Request, Way::ToBroker);
const CALLED: (Kind, Way) = (Kind::Request, Way::FromBroker);
const TELL: (Kind, Way) = (Kind::Publish, Way::ToBroker);
const TOLD: (Kind, Way) = (Kind::Publish, Way::FromBroker);

const fn browser(
    topic: &'static str,
    payload: &'static str,
    result: &'static str,
    about: &'static str,
) -> Convention {
    Convention::new(BROWSER, CALLED, topic, payload, result, about)
}

pub(super) static ALL: [Convention; 16] = [
    Convention::new(
        BUILT_IN,
        TELL,
        "_client.register",
        r#"{"pageSessionID":"page-${hex:16}"}"#,
        "",
        "tells the page session the connection belongs to; acknowledged by an event (1.2 and 1.3)",
    ),
    Convention::new(
        BUILT_IN,
        TOLD,
        "_internal.client.registered",
        r#"{"brokerClientID":"wsconn-1746839999990000000-313338814587531895","pageSessionID":"page-mbi3k0abx1y2z3w4","status":"registered"}"#,
        "",
        "acknowledges the registration; anybody can forge it towards server code",
    ),
    Convention::new(
        BUILT_IN,
        TOLD,
        "_dev.hotreload",
        r#"{"file":"static/style.css","timestamp":1746450100000}"#,
        "",
        "a file of the page has changed",
    ),
    Convention::new(
        BUILT_IN,
        TELL,
        "_dev.js-error",
        r#"{"message":"x is not defined","source":"http://localhost:9000/app.js","lineno":3,"colno":7,"stack":"","timestamp":"${now}","type":"window.onerror"}"#,
        "",
        "a page reports an error of its script",
    ),
    browser(
        "browser.click",
        r##"{"selector":"#button"}"##,
        r#"{"success":true,"message":""}"#,
        "the server has the page click an element",
    ),
    browser(
        "browser.input",
        r##"{"selector":"#name","text":""}"##,
        r#"{"success":true,"message":""}"#,
        "the server has the page type into an element",
    ),
    browser(
        "browser.navigate",
        r#"{"url":"https://example.com"}"#,
        r#"{"success":true,"message":""}"#,
        "the server has the browser go to another page",
    ),
    browser(
        "browser.getText",
        r##"{"selector":"#name"}"##,
        r#"{"success":true,"data":""}"#,
        "the server asks for the text of an element",
    ),
    browser(
        "browser.screenshot",
        "{}",
        r#"{"success":true,"data":""}"#,
        "the server asks for a picture of the page",
    ),
    browser(
        "browser.getPageSource",
        "{}",
        r#"{"success":true,"data":""}"#,
        "the server asks for the page's source",
    ),
    Convention::new(
        DEMO,
        CALL,
        "server.ping",
        r#"{"data":"ping"}"#,
        r#"{"client_data":{"data":"ping"},"reply":"pong from server handler"}"#,
        "the sample server answers with what it got",
    ),
    Convention::new(
        DEMO,
        CALL,
        "server.echo",
        r#"{"text":"hello"}"#,
        r#"{"text":"hello"}"#,
        "the sample server sends the body back",
    ),
    Convention::new(
        DEMO,
        TELL,
        "client.hello",
        r#"{"text":"hi"}"#,
        "",
        "a greeting to server code; no other client gets it in 1.2 and 1.3",
    ),
    Convention::new(
        DEMO,
        TOLD,
        "server.tick",
        r#"{"count":1,"time":"${now}"}"#,
        "",
        "the sample server's clock, every 5 s (1.1)",
    ),
    Convention::new(
        DEMO,
        CALLED,
        "client.calculate",
        r#"{"operation":"add","a":1,"b":2}"#,
        r#"{"result":3}"#,
        "the sample server has a subscriber calculate (1.1)",
    ),
    Convention::new(
        DEMO,
        CALL,
        "trigger.server.request",
        r#"{"operation":"add","a":1,"b":2}"#,
        r#"{"result":3}"#,
        "has the sample server ask client.calculate of whoever subscribed, and hands the result \
         on (1.1)",
    ),
];
