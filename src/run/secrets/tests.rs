//! Planted secrets, none of which may be left, and ordinary lines, which must stay as they are.

use proptest::collection::vec;

use super::*;

const PLANTED: &str = include_str!("tests/planted.txt");
const ORDINARY: &str = include_str!("tests/ordinary.txt");

fn scrubbed(text: &str) -> String {
    String::from_utf8(Scrubber::default().all(text.as_bytes())).expect("masks are text")
}

/// Lines hold the secret between `⟦` and `⟧`, which are not part of them.
#[test]
fn no_planted_secret_is_left() {
    let cases: Vec<&str> = PLANTED.split("\n\n").filter(|case| case.contains('⟦')).collect();
    assert!(cases.len() >= 60, "{}", cases.len());
    for case in cases {
        let plain = case.replace(['⟦', '⟧'], "");
        let scrubbed = scrubbed(&plain);
        for part in case.split('⟦').skip(1) {
            let secret = part.split('⟧').next().expect("each is closed");
            for line in secret.lines() {
                assert!(!scrubbed.contains(line), "{line:?} is left in {scrubbed:?}");
            }
        }
        assert!(scrubbed.contains(MASK), "{scrubbed:?}");
    }
}

#[test]
fn ordinary_lines_stay_as_they_are() {
    let cut: Vec<String> = ORDINARY.lines().filter(|line| scrubbed(line) != *line).map(scrubbed).collect();
    assert!(cut.is_empty(), "{cut:#?}");
    let whole = scrubbed(ORDINARY);
    assert_eq!(whole, ORDINARY);
}

#[test]
fn a_known_value_is_found_in_every_dress() {
    let secret = r#"a'b"c $d\e&f+/é"#;
    let mut scrubber = Scrubber::default();
    scrubber.learn(secret.as_bytes());
    let dresses = [
        secret,
        r#"a'\''b"c $d\e&f+/é"#,
        r#"a'b\"c $d\\e&f+/é"#,
        r#"a'b\"c \$d\\e&f+/é"#,
        r#"a\'b\"c\ \$d\\e\&f\+\/é"#,
        "a%27b%22c%20%24d%5Ce%26f%2B%2F%C3%A9",
        "a%27b%22c+%24d%5Ce%26f%2B%2F%C3%A9",
        "a&#39;b&quot;c $d\\e&amp;f+/é",
        "61276222632024645c6526662b2fc3a9",
        "61276222632024645C6526662B2FC3A9",
    ];
    for dress in dresses {
        let text = format!("x{dress}y");
        let left = scrubber.known(text.as_bytes()).into_owned();
        assert_eq!(String::from_utf8_lossy(&left), format!("x{MASK}y"), "{dress}");
    }
}

/// `user:correct-horse!` and the like, as base64(1) writes them: the secret begins anywhere in a group.
#[test]
fn no_place_in_base64_hides_a_known_value() {
    let mut scrubber = Scrubber::default();
    scrubber.learn(b"correct-horse!");
    let texts = [
        "Y29ycmVjdC1ob3JzZSE=",
        "YTpjb3JyZWN0LWhvcnNlIQ==",
        "YWE6Y29ycmVjdC1ob3JzZSE=",
        "YWFhOmNvcnJlY3QtaG9yc2UheA==",
        "dXNlcjpjb3JyZWN0LWhvcnNlIQ==",
    ];
    for text in texts {
        let left = scrubber.known(text.as_bytes()).into_owned();
        assert!(String::from_utf8_lossy(&left).contains(MASK), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn any_bytes_can_be_scrubbed(bytes: Vec<u8>, secret: Vec<u8>) {
        let mut scrubber = Scrubber::new(Some(TagKey::new([7; 32])));
        scrubber.learn(&secret);
        scrubber.all(&bytes);
    }

    /// However short the secret: digits of a tag are no occurrence of it.
    #[test]
    fn what_was_put_in_is_not_scrubbed_again(pieces in vec("[ -~]{0,9}", 1..6), secrets in vec("[0-9a-f]{1,3}|[ -~]{1,12}", 1..4)) {
        let mut scrubber = Scrubber::new(Some(TagKey::new([7; 32])));
        for secret in &secrets {
            scrubber.learn(secret.as_bytes());
        }
        let text = pieces.join(&secrets[0]);
        let once = scrubber.known(text.as_bytes()).into_owned();
        proptest::prop_assert_eq!(&*scrubber.known(&once), once.as_slice());
        let masks = scrubber.masks.iter().fold(String::from_utf8(once).unwrap(), |text, mask| text.replace(mask, "\0"));
        proptest::prop_assert!(!masks.contains(&secrets[0]));
    }
}

#[test]
fn equal_secrets_have_equal_tags_and_no_key_is_guessed() {
    let scrubber = |key| Scrubber::new(Some(TagKey::new([key; 32])));
    let (one, other) = (scrubber(1), scrubber(2));
    assert_eq!(one.mask(b"1234"), one.mask(b"1234"));
    assert_ne!(one.mask(b"1234"), one.mask(b"1235"));
    assert_ne!(one.mask(b"1234"), other.mask(b"1234"));
    assert_eq!(one.mask(b"1234").chars().count(), 8);
}
