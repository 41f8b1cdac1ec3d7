//! Which lines of a paste belong together.

use super::*;

fn together(text: &str) -> Vec<&str> {
    broken(text.as_bytes()).into_iter().map(|range| &text[range]).collect()
}

#[test]
fn lines_as_wide_as_the_widest_go_on() {
    let wide = "Nov 12 11:25:51 fw1 kernel: carp0: MASTER -> BACKUP (more freque";
    let text =
        format!("Nov 12 11:25:50 fw1 x: y\n{wide}\nnt advertisement received)\nNov 12 11:25:52 fw1 x: y\n");
    assert_eq!(together(&text), [format!("{wide}\nnt advertisement received)")]);
}

#[test]
fn lines_whose_next_word_did_not_fit_go_on() {
    let quoted = "> > Nov 12 11:25:51 fw1 kernel: carp0: MASTER -> BACKUP (more frequent\n> > advertisement received)\n";
    assert_eq!(together(quoted), [quoted.trim_end()]);
    let [terminal, mail] = joined(quoted.trim_end().as_bytes());
    assert!(mail.ends_with(b"(more frequent advertisement received)"));
    assert!(terminal.ends_with(b"(more frequentadvertisement received)"));
}

#[test]
fn narrow_stamped_and_indented_lines_stand_alone() {
    let wide = "x".repeat(70);
    assert_eq!(together("a\nb\nc\n"), Vec::<&str>::new());
    assert_eq!(together(&format!("{wide}\n\tat x\n")), Vec::<&str>::new());
    assert_eq!(together(&format!("{wide}\nNov 12 11:25:51 fw1 x: y\n")), Vec::<&str>::new());
    assert_eq!(together(&format!("{wide}\nshort\n\n{}\n", "y".repeat(90))), Vec::<&str>::new());
}
