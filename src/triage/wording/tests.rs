//! Regexes as a person reads them.

use super::*;
use crate::text::Span;

fn regex(text: &str) -> Signature {
    Signature { text: format!("/{text}/"), pattern: Pattern::Regex(text.to_owned()), span: Span::default() }
}

#[test]
fn a_regex_is_shown_by_its_words() {
    for (written, read, literal) in [
        (
            r"carp: (?:VHID )?(?P<vhid>[0-9]+)@(?P<if>[A-Za-z][a-z0-9]*): MASTER -> BACKUP \(more\)",
            "carp: <vhid>@<if>: MASTER -> BACKUP (more)",
            32,
        ),
        (r"(?:^|[ \]])(?P<if>carp[0-9]+): link state changed to UP", "<if>: link state changed to UP", 30),
        (r"mount_nfs: (?P<at>\/[^ ,:]*), [^:]*: No such", "mount_nfs: <at>, …: No such", 23),
        (r"(?:Idle|Conn) [Tt]imeout", "Idle timeout", 12),
    ] {
        assert_eq!(
            (
                wording(&regex(written)).as_str(),
                crate::runbook::pattern::literal_total(&regex(written).pattern)
            ),
            (read, literal),
            "{written}"
        );
    }
}
