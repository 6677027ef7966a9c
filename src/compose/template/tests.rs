use super::*;

fn filled(text: &str) -> Result<String, TemplateError> {
    let env = |name: &str| (name == "QUOTED").then(|| "a\"b\nc".to_owned());
    let mut context = Context::new(1_700_000_000_123_456, 7).with_env(&env);
    context.counter = 3;
    fill(text, &mut context)
}

#[test]
fn values_by_template() {
    for (text, value) in [
        (r#"{"a":"plain $ {x} }"}"#, r#"{"a":"plain $ {x} }"}"#),
        (r#""${now}""#, r#""2023-11-14T22:13:20.123456Z""#),
        (r#""${now:unix}""#, r#""1700000000""#),
        (r#"{"at":${now:unix_ms}}"#, r#"{"at":1700000000123}"#),
        (
            "${now:unix_us} ${now:unix_ns}",
            "1700000000123456 1700000000123456000",
        ),
        (
            r#"{"n":${counter},"s":"no ${counter}"}"#,
            r#"{"n":3,"s":"no 3"}"#,
        ),
        (r#""${env:QUOTED}""#, r#""a\"b\nc""#),
        (r#""$${uuid}""#, r#""${uuid}""#),
        (r#""\"${counter}\\""#, r#""\"3\\""#),
        ("\"ä\\ä${counter}é\"", "\"ä\\ä3é\""),
        (r#""${random:x}""#, r#""x""#),
        (r#""${random:5..5}""#, r#""5""#),
        ("${random:-0.50..-0.5}", "-0.50"),
        ("${counter:1000}", "1002"),
        ("${now-1m:unix} ${now+1h:unix}", "1699999940 1700003600"),
        (r#""${now-1s}""#, r#""2023-11-14T22:13:19.123456Z""#),
        (r#""${env:NOPE:-it's}""#, r#""it's""#),
    ] {
        assert_eq!(filled(text).as_deref(), Ok(value), "{text}");
    }
}

#[test]
fn errors_name_the_template_and_its_place() {
    for (text, offset, needle) in [
        (r#""${nwo}""#, 1, "unknown template ${nwo}"),
        (r#""${now:iso}""#, 1, "unknown form ${now:iso}"),
        (r#""ab${uuid""#, 3, "no closing }"),
        (r#""${env:NOPE}""#, 1, "NOPE is not set"),
        (r#""${env:}""#, 1, "must name a variable"),
        (r#""${random:}""#, 1, "choices or a range"),
        (r#""${random:9..1}""#, 1, "is empty"),
        (r#""${counter:x}""#, 1, "begin at a whole number"),
        (r#""${uuid:4}""#, 1, "unknown template"),
        (r#""${now-soon}""#, 1, "is no duration"),
        (r#""${hex:0}""#, 1, "1 to 4096 digits"),
    ] {
        let error = filled(text).unwrap_err();
        assert_eq!(error.offset, offset, "{text}");
        assert!(error.what.contains(needle), "{text}: {}", error.what);
    }
}

#[test]
fn chance_follows_the_seed() {
    let mut one = Context::new(0, 1);
    let mut two = Context::new(0, 2);
    let text = "${uuid} ${uuid}";
    let first = fill(text, &mut one).unwrap();
    assert_eq!(first, fill(text, &mut Context::new(0, 1)).unwrap());
    assert_ne!(first, fill(text, &mut two).unwrap());
    let (left, right) = first.split_once(' ').unwrap();
    assert_ne!(left, right);
    assert_eq!(uuid::Uuid::parse_str(left).unwrap().get_version_num(), 4);
    for _ in 0..100 {
        let number: i64 = fill("${random:-2..3}", &mut one).unwrap().parse().unwrap();
        assert!((-2..=3).contains(&number));
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_filled_or_refused(text in "[${}a:\"\\\\é]{0,16}") {
        let _ = filled(&text);
    }
}
