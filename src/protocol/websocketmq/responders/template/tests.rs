use super::*;
use crate::transport::clock;

fn filled(text: &str) -> Result<String, String> {
    let template = Template::read(text).map_err(|error| error.to_string())?;
    let call = br#"{"topic":"t","payload":{"x":5,"name":"a\"b","list":[1,2]},"id":"c1","n":2}"#;
    template.fill(&mut Facts {
        call,
        now: Stamp {
            wall_us: 1_700_000_000_123_456,
            ..clock::now()
        },
        ids: &mut Ids::new([7; 16]),
    })
}

#[test]
fn values_by_place() {
    for (text, expected) in [
        ("{}", "{}"),
        (r#"{"a":"plain $ {x}"}"#, r#"{"a":"plain $ {x}"}"#),
        (r#"{"a":${.payload.x}}"#, r#"{"a":5}"#),
        (r#"{"a":"${.payload.x}"}"#, r#"{"a":5}"#),
        (r#"{"a":"x is ${.payload.x}!"}"#, r#"{"a":"x is 5!"}"#),
        (r#"{"a":"${.payload.x|tostring}"}"#, r#"{"a":"5"}"#),
        (r#""hello ${.payload.name}""#, r#""hello a\"b""#),
        (r#""${.payload.name}""#, r#""a\"b""#),
        (r#""${.payload[\"name\"]}""#, r#""a\"b""#),
        (r#"[${.payload["list"][0]}]"#, "[1]"),
        (r#"${{a: .n, b: "}"}}"#, r#"{"a":2,"b":"}"}"#),
        (r#""${.payload.list}: ${.topic}""#, r#""[1,2]: t""#),
        (r#""${.payload.none}""#, "null"),
        (r#""${empty}""#, "null"),
        (r#""$${now} and ${.id}""#, r#""${now} and c1""#),
        ("${now:unix}", "1700000000"),
        ("[ ${ now:unix_ms } ]", "[ 1700000000123 ]"),
        (
            r#"{"at":"${now}"}"#,
            r#"{"at":"2023-11-14T22:13:20.123456Z"}"#,
        ),
    ] {
        assert_eq!(filled(text).as_deref(), Ok(expected), "{text}");
    }
}

#[test]
fn a_uuid_is_one_and_each_is_new() {
    let two: [String; 2] = serde_json::from_str(&filled("[${uuid},\"${uuid}\"]").unwrap()).unwrap();
    assert_ne!(two[0], two[1]);
    for one in two {
        let version = one.parse::<uuid::Uuid>().unwrap().get_version_num();
        assert_eq!(version, 4, "{one}");
    }
}

#[test]
fn what_cannot_be_filled_in_is_told() {
    for (text, part) in [
        ("{", "once filled in it is"),
        (r#"{"a":${.x"#, "no closing }"),
        (r#"{"a":"${.payload["x"]}"}"#, "a quote of its own"),
        ("${nonsense}", "there is no filter `nonsense`"),
        ("${}", "jq expression"),
        ("${.payload.name} ${.n}", "once filled in it is"),
        (r#""${.payload.name - 1}""#, "the expression fails"),
    ] {
        let error = filled(text).unwrap_err();
        assert!(error.contains(part), "{text}: {error}");
    }
}
