use super::*;

#[test]
fn plain_comparisons_are_all_there_is_to_say() {
    let badge = Condition::Compare("badge", Relation::Equal, Constant::Text("ack".into()));
    for (text, conditions) in [
        (r#".badge == "ack""#, vec![badge.clone()]),
        (r#""ack" == .["badge"]"#, vec![badge.clone()]),
        (r#"select(.badge=="ack")"#, vec![badge.clone()]),
        (
            r#".badge=="ack" and 2000 < .latency_us"#,
            vec![
                badge.clone(),
                Condition::Compare("latency_us", Relation::Greater, Constant::Number(2000)),
            ],
        ),
        (
            r#".label | endswith("x")"#,
            vec![Condition::Has("label", Place::End, "x".into())],
        ),
        (
            r#"(.badge == "ack" | not) or .outcome"#,
            vec![Condition::Any(
                Box::new(Condition::Not(Box::new(badge))),
                Box::new(Condition::Holds("outcome")),
            )],
        ),
    ] {
        let expected = Plan {
            conditions,
            literals: Vec::new(),
            exact: true,
        };
        assert_eq!(plan(text), expected, "{text}");
    }
}

#[test]
fn what_is_left_over_makes_it_inexact() {
    for (text, conditions, literals) in [
        (r#".badge == "ack" and .body.x == 1"#, 1, &[][..]),
        (r#".body.a[0]."b" == "lit" and .size > 3"#, 1, &["lit"]),
        (r#""l\u0069t" == .body.x"#, 0, &["lit"]),
        (r#".body.x | startswith("lit")"#, 0, &["lit"]),
        (r#".body.x != "lit""#, 0, &[]),
        (r#".body.x == "lit" or .size > 3"#, 0, &[]),
        (r#".body.x == """#, 0, &[]),
        (r#".key == "lit""#, 0, &[]),
        (".size > 1.5", 0, &[]),
        (".notes", 0, &[]),
        (r#".outcome | startswith("o")"#, 0, &[]),
        (r#".label | test("o")"#, 0, &[]),
        (r#".at > "2026""#, 0, &[]),
        (".size | . > 3", 0, &[]),
        ("nonsense (", 0, &[]),
    ] {
        let plan = plan(text);
        assert!(!plan.exact, "{text}");
        assert_eq!(plan.conditions.len(), conditions, "{text}");
        assert_eq!(plan.literals, literals, "{text}");
    }
}
