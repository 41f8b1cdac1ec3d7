//! Which stream gets colour.

use super::*;

#[test]
fn colour_follows_the_option_then_the_variables_then_the_terminal() {
    let wishes = |color, dumb| TerminalWishes { color, dumb, ..TerminalWishes::default() };
    let auto = |terminal, wishes| paint(ColorWhen::Auto, terminal, &wishes);
    assert_eq!(auto(true, wishes(None, false)), Paint::Ansi);
    assert_eq!(auto(false, wishes(None, false)), Paint::Plain);
    assert_eq!(auto(true, wishes(None, true)), Paint::Plain);
    assert_eq!(auto(true, wishes(Some(false), false)), Paint::Plain);
    assert_eq!(auto(false, wishes(Some(true), false)), Paint::Ansi);
    assert_eq!(paint(ColorWhen::Always, false, &wishes(Some(false), false)), Paint::Ansi);
    assert_eq!(paint(ColorWhen::Never, true, &wishes(Some(true), false)), Paint::Plain);
    assert_eq!(paint(ColorWhen::Debug, false, &wishes(Some(false), false)), Paint::Labels);
}
