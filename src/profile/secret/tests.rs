use super::*;

#[test]
fn names_that_hide_their_value() {
    for name in [
        "Authorization",
        "Proxy-Authorization",
        "Cookie",
        "Set-Cookie",
        "X-Api-Key",
        "X-API-Key",
        "apikey",
        "access_token",
        "clientSecret",
        "password",
        "pwd",
        "sessionKey",
        "JWT",
    ] {
        assert!(is_secret_name(name), "{name}");
    }
    for name in [
        "X-User-ID",
        "client_id",
        "author",
        "keyboard",
        "monkey",
        "topic",
        "Origin",
        "",
    ] {
        assert!(!is_secret_name(name), "{name}");
    }
}

#[test]
fn urls() {
    for (url, shown) in [
        ("ws://host/ws", "ws://host/ws"),
        ("ws://me:pw@host/a@b", "ws://***@host/a@b"),
        ("wss://tok@host:1/", "wss://***@host:1/"),
        ("ws://h/?token=abc&x=1&key=", "ws://h/?token=***&x=1&key="),
        ("ws://h?a=b@c", "ws://h?a=b@c"),
        ("ws://h/?apiKey=é", "ws://h/?apiKey=***"),
        ("not a url", "not a url"),
        ("", ""),
    ] {
        assert_eq!(mask_url(url), shown);
    }
}

#[test]
fn members_of_json() {
    assert_eq!(
        mask_json(r#"{"op":"auth","token" : "a\"b","n":{"apiKey":"k"},"auth":1}"#),
        r#"{"op":"auth","token" : "***","n":{"apiKey":"***"},"auth":1}"#
    );
}

#[test]
fn values_go_wherever_they_are() {
    let mut secrets = Secrets::default();
    secrets.add_header("Authorization", "Bearer hunter22");
    secrets.add_header("X-User-ID", "somebody");
    secrets.add_url("ws://me:hunter2@h/?access_token=tokentoken&a=plain");
    secrets.add_json(r#"{"secret":"jsonsecret"}"#);
    secrets.add("abc");
    let shown = secrets.mask("hunter22 hunter2 tokentoken plain somebody jsonsecret abc");
    assert_eq!(shown, "*** *** *** plain somebody *** abc");
    assert_eq!(format!("{secrets:?}").find("hunter"), None);
}

proptest::proptest! {
    #[test]
    fn masking_never_panics(text in "\\PC{0,40}") {
        let _ = (mask_url(&text), mask_json(&text), is_secret_name(&text));
        let mut secrets = Secrets::default();
        secrets.add_url(&text);
        secrets.add_json(&text);
        let _ = secrets.mask(&text);
    }
}

#[test]
fn bytes_of_a_secret_are_masked_even_where_the_window_cuts_it() {
    let mut secrets = Secrets::default();
    secrets.add("hunter2");
    let payload = b"<hunter2>\xff<hunter2>";
    for (range, masked) in [
        (0..payload.len(), b"<*******>\xff<*******>".as_slice()),
        (3..5, b"**"),
        (7..12, b"*>\xff<*"),
        (8..11, b">\xff<"),
        (4..4, b""),
    ] {
        assert_eq!(
            *secrets.mask_bytes(payload, range.clone()),
            *masked,
            "{range:?}"
        );
    }
}
