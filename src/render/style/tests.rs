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

#[test]
fn lines_break_at_blanks_and_not_in_what_is_copied() {
    let key = "SHA256:q0/Bc9+dEf/ghI";
    assert_eq!(
        wrap(&format!("the key {key} is in ~/.ssh/known_hosts; run `kb run x --on a=b` now"), 30),
        ["the key SHA256:q0/Bc9+dEf/ghI", "is in ~/.ssh/known_hosts; run", "`kb run x --on a=b` now"]
    );
    // Longer than a line: a path is whole, a sentence in backticks is not.
    assert_eq!(
        wrap("at /a/very/long/path/to/somewhere here", 20),
        ["at", "/a/very/long/path/to/somewhere", "here"]
    );
    assert_eq!(wrap("said `no route to this host at all`", 20), ["said `no route to", "this host at all`"]);
    assert_eq!(
        wrap("  two\n\nnot `closed at all and so on", 24),
        ["  two", "", "not `closed at all and", "so on"]
    );
}

#[test]
fn code_beside_code_is_one_word() {
    assert_eq!(
        wrap("one or `two words`/`three more words`", 32),
        ["one or", "`two words`/`three more words`"]
    );
}

#[test]
fn a_script_without_blanks_breaks_between_its_letters() {
    assert_eq!(
        wrap("経路が、ありません。ファイル/etc/networks/aを見てください。", 20),
        ["経路が、ありません。", "ファイ", "ル/etc/networks/aを", "見てください。"]
    );
}

#[test]
fn what_is_written_out_takes_its_columns() {
    let text =
        shown(Paint::Plain, |out| out.wrapped("", 0, "twenty columns, then \u{1b}[31m\u{1b}[32m and more"));
    assert_eq!(text, "twenty columns, then \\x1b[31m\\x1b[32m\nand more\n");
}

#[test]
fn what_goes_on_hangs_below_its_head() {
    let head = [Piece::new("", "host "), Piece::new("host", "asa")];
    let text = shown(Paint::Labels, |out| {
        out.hanging(2, &head, "", &format!(": {}", "a device with a long name ".repeat(4)))
    });
    assert_eq!(
        text,
        "  host <<host::asa>>: a device with a long name a\n    device with a long name a device\n    \
         with a long name a device with a\n    long name\n"
    );
}
