use super::*;

#[test]
fn every_example_is_a_document() {
    for row in &crate::protocol::PROTOCOLS {
        let mut context = Context::new(0, 1);
        let settings = Settings::default();
        let parsed = parse(
            example(row.system),
            row.system,
            &settings,
            Schema::demo(),
            &mut context,
        );
        assert_eq!(parsed.map(|all| all.len()).unwrap(), 1, "{}", row.name);
        let nothing = parse(" \n", row.system, &settings, Schema::demo(), &mut context);
        assert!(matches!(nothing, Err(ComposeError::Empty { .. })));
    }
}
