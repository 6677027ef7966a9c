use insta::assert_snapshot;

use crate::tui::sample::Stage;
use crate::tui::state::picker::{Choice, Origin};
use crate::tui::view::tests::{SIZES, picture};

#[test]
fn a_broken_profile_says_why_where_it_is() {
    for (width, height) in SIZES {
        let mut stage = Stage::new(width, height);
        stage.state.choices.push(Choice {
            target: "broken".to_owned(),
            origin: Origin::User,
            system: String::new(),
            url: String::new(),
            description: String::new(),
            problem: Some(
                "/home/me/.config/wspect/profiles/broken.toml, line 2: `sistem`: unknown key \
                 `sistem`; did you mean `system`?"
                    .to_owned(),
            ),
        });
        stage.text("broken");
        stage.due(0);
        assert_snapshot!(format!("broken_{width}x{height}"), picture(&stage.state));
    }
}
