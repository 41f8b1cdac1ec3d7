//! Which stream gets colour.

use super::*;

#[test]
fn colour_follows_the_option_then_the_variables_then_the_terminal() {
    let wishes = |no_color, force_color, dumb| TerminalWishes {
        no_color,
        force_color,
        dumb,
        ..TerminalWishes::default()
    };
    let auto = |terminal, wishes| paint(ColorWhen::Auto, terminal, &wishes);
    assert_eq!(auto(true, wishes(false, false, false)), Paint::Ansi);
    assert_eq!(auto(false, wishes(false, false, false)), Paint::Plain);
    assert_eq!(auto(true, wishes(false, false, true)), Paint::Plain);
    assert_eq!(auto(true, wishes(true, true, false)), Paint::Plain);
    assert_eq!(auto(false, wishes(false, true, false)), Paint::Ansi);
    assert_eq!(paint(ColorWhen::Always, false, &wishes(true, false, false)), Paint::Ansi);
    assert_eq!(paint(ColorWhen::Never, true, &wishes(false, true, false)), Paint::Plain);
    assert_eq!(paint(ColorWhen::Debug, false, &wishes(true, false, false)), Paint::Labels);
}
