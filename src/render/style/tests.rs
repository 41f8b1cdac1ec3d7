//! What the labels must do.

use super::*;

fn shown(paint: Paint, write: impl Fn(&mut Out<'_>) -> io::Result<()>) -> String {
    let mut bytes = Vec::new();
    write(&mut Out::new(&mut bytes, Screen { paint, width: 40, ascii: false }))
        .expect("a vector takes everything");
    String::from_utf8(bytes).expect("text")
}

#[test]
fn every_look_is_made_of_known_words() {
    let table: BTreeMap<String, String> = toml::from_str(include_str!("../styles.toml")).expect("TOML");
    for (label, look) in table {
        assert!(parse_look(&look).is_some(), "`{label}` has the look `{look}`");
    }
}

#[test]
fn a_label_is_colour_or_its_name_or_nothing() {
    let write = |out: &mut Out<'_>| out.label("verdict sick", "SICK");
    assert_eq!(shown(Paint::Plain, write), "SICK");
    assert_eq!(shown(Paint::Ansi, write), "\u{1b}[1m\u{1b}[31mSICK\u{1b}[0m");
    assert_eq!(shown(Paint::Labels, write), "<<verdict sick::SICK>>");
}

#[test]
fn each_line_has_its_own_colour() {
    let text = shown(Paint::Ansi, |out| out.label("error", "a\nb"));
    assert_eq!(text.matches("\u{1b}[0m").count(), 2);
}

#[test]
fn no_control_character_gets_through() {
    for paint in [Paint::Plain, Paint::Labels] {
        let text = shown(paint, |out| {
            out.text("\u{1b}]52;c;x\u{7}")?;
            out.label("value", "\u{202e}\r")
        });
        assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}', '\r']), "{text:?}");
    }
}

#[test]
fn long_words_stay_whole() {
    let lines = wrap(&format!("see {} there", "x".repeat(60)), 40);
    assert_eq!(lines.len(), 3);
    assert_eq!(lines[1].len(), 60);
}
