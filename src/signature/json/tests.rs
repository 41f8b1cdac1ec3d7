//! Objects, whole and cut.

use proptest::prelude::*;

use super::*;

/// Every field as `parent.name=value`, and whether the object ended.
fn told(line: &[u8]) -> (Vec<String>, bool) {
    let mut out = Vec::new();
    let open = first_object(line).expect("an object");
    let end = fields(line, open, &mut |field| {
        let mut value = Vec::new();
        unescape_into(line, &field.value, &mut value);
        let text = |range: Range<usize>| String::from_utf8_lossy(&line[range]).into_owned();
        let value = String::from_utf8_lossy(&value).into_owned();
        out.push(format!("{}.{}{}={value}", text(field.parent), text(field.name), field.depth));
    });
    (out, end.is_some())
}

#[test]
fn every_field_of_every_depth() {
    let line = br#"x {"a":"b", "n": -1.5e3 ,"o":{"t":{"$date":"2026"},"l":["x",{"y":null}]},"m":[72,105]} y"#;
    let expected = [".a1=b", ".n1=-1.5e3", "t.$date3=2026", "o.l2=x", "l.y3=null", ".m1=Hi"];
    let (told, whole) = told(line);
    assert_eq!(told, expected);
    assert!(whole);
}

#[test]
fn a_cut_object_gives_what_it_holds() {
    for (line, last) in [
        (r#"{"a":"b","msg":"carp0: MAS"#, ".msg1=carp0: MAS"),
        (r#"{"msg":"a","b":12"#, ".b1=12"),
        (r#"{"msg":"a","b""#, ".msg1=a"),
        (r#"{"msg":"a" oops"#, ".msg1=a"),
        (r#"{"msg":"a\"#, r".msg1=a\"),
        (r#"{"msg":"a","b":[1,2"#, ".b1=2"),
    ] {
        let (fields, whole) = told(line.as_bytes());
        assert_eq!((fields.last().map(String::as_str), whole), (Some(last), false), "{line}");
    }
}

#[test]
fn escapes() {
    for (written, meant) in [
        (r#"\"\\\/\n\t\r\b\f"#, "\"\\/\n\t\r\u{8}\u{c}"),
        (r"\u00e4\u001b\u0000", "ä\u{1b}\0"),
        (r"\ud83e\udd80", "\u{1f980}"),
        (r"\ud83e x\udd80", "\u{fffd} x\u{fffd}"),
        (r"\x1b \u00g0 \u12", r"\x1b \u00g0 \u12"),
    ] {
        let mut out = Vec::new();
        unescape_into(written.as_bytes(), &Value::Text(0..written.len()), &mut out);
        assert_eq!(String::from_utf8(out).as_deref(), Ok(meant), "{written}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_a_writer_of_json_wrote_is_read_back(texts in prop::collection::vec(any::<String>(), 1..5)) {
        let object: serde_json::Map<_, _> =
            (0..).zip(&texts).map(|(at, text)| (format!("k{at}"), text.as_str().into())).collect();
        let line = serde_json::to_vec(&object).unwrap();
        let mut read = Vec::new();
        let end = fields(&line, 0, &mut |field| {
            let mut out = Vec::new();
            unescape_into(&line, &field.value, &mut out);
            read.push(String::from_utf8(out).unwrap());
        });
        prop_assert_eq!(end, Some(line.len()));
        prop_assert_eq!(read, texts);
    }

    #[test]
    fn no_bytes_are_too_strange(
        line in prop::collection::vec(prop::sample::select(b"{}[]\",:\\u0 a\xff".to_vec()), 0..40)
    ) {
        if let Some(open) = first_object(&line) {
            fields(&line, open, &mut |field| unescape_into(&line, &field.value, &mut Vec::new()));
        }
    }
}
