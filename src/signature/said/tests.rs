//! What lines of many writers say.

use super::*;

/// The parts, each with a number when it is of the message.
fn said(line: &str) -> Vec<String> {
    let said = Said::by(line.as_bytes());
    let mut scanned = Vec::new();
    let itself = said_into(line.as_bytes(), &mut Decoded::default(), &mut scanned);
    scanned.extend_from_slice(if itself { line.as_bytes() } else { b"" });
    let parts: Vec<&[u8]> = said.parts().map(|(_, part)| part).collect();
    let end: &[u8] = if itself { b"" } else { b"\n" };
    assert_eq!(scanned, [&parts.join(&b'\n'), end].concat(), "what is scanned is what is confirmed");
    let text = |part: &[u8]| String::from_utf8_lossy(part).into_owned();
    said.parts()
        .map(|(part, line)| match part {
            Part::Message(number) => format!("{number} {}", text(line)),
            Part::Beside => format!("- {}", text(line)),
        })
        .collect()
}

#[test]
fn a_plain_line_says_itself() {
    assert_eq!(said("Nov 12 fw1 x: {y} \x1b[1mz\x1b[0m\r"), ["0 Nov 12 fw1 x: {y} z"]);
    assert_eq!(said(""), ["0 "]);
}

#[test]
fn an_entry_of_the_journal_says_what_journalctl_prints() {
    let line = r#"{"__REALTIME_TIMESTAMP":"1","_COMM":"x","SYSLOG_IDENTIFIER":"sshd","_PID":"42","MESSAGE":"a \"b\"\nc","_CMDLINE":"d"}"#;
    assert_eq!(said(line), [r#"0 sshd[42]: a "b""#, "1 c"]);
    let line = r#"{"MESSAGE":[27,91,49,109,104,105],"SYSLOG_IDENTIFIER":"kernel","_BOOT_ID":"1"}"#;
    assert_eq!(said(line), ["0 kernel: hi"]);
    let cut = r#"{"_BOOT_ID":"1","MESSAGE":"carp0: MAS"#;
    assert_eq!(said(cut), ["0 carp0: MAS".to_owned(), format!("- {cut}")]);
}

#[test]
fn a_line_of_a_container_says_what_the_program_wrote() {
    let line =
        r#"{"log":"\u001b[31mdisk \"sda\" full\u001b[0m\n","stream":"stderr","time":"2013-11-12T11:00:00Z"}"#;
    assert_eq!(said(line), [r#"0 disk "sda" full"#]);
    let inner = r#"{"log":"{\"level\":\"error\",\"msg\":\"no \\\"x\\\"\"}\n","stream":"stdout"}"#;
    assert_eq!(said(inner), [r#"0 no "x""#, "- error", r#"- {"level":"error","msg":"no \"x\""}"#]);
}

#[test]
fn other_objects_say_their_message_and_what_stands_beside_it() {
    let line = r#"Nov 12 11:00:00 fw1 app[1]: {"msg":"no reply","error":{"message":"dial \"x\""},"n":1}"#;
    let expected = ["0 Nov 12 11:00:00 fw1 app[1]: no reply".to_owned(), r#"- dial "x""#.to_owned()];
    assert_eq!(said(line), [&expected[..], &[format!("- {line}")]].concat());
    let line = r#"> {"t":1,"a":{"message":"deep"}} {"msg":"second"}"#;
    assert_eq!(said(line), ["0 deep", "1 second", &format!("- {line}")]);
    let none = r#"{"a":"b"}"#;
    assert_eq!(said(none), ["- b".to_owned(), format!("- {none}")]);
}

#[test]
fn pairs_say_their_message() {
    let line = r#"time="2013-11-12T11:00:00Z" level=error msg="refused \"root\"\nsecond" n=1"#;
    assert_eq!(said(line), [r#"0 refused "root""#.to_owned(), "1 second".to_owned(), format!("- {line}")]);
    let cut = r#"level=error err="refused \"#;
    assert_eq!(said(cut), [r"0 refused \".to_owned(), format!("- {cut}")]);
    for plain in [r#"C:\x "y" submsg="z""#, r#"say "msg=\"x""#] {
        assert_eq!(said(plain), [format!("0 {plain}")]);
    }
}

#[test]
fn pairs_in_an_object_say_their_message_too() {
    let docker = r#"{"log":"level=error msg=\"refused \\\"root\\\"\" n=1\nplain\n","stream":"stderr"}"#;
    let whole = r#"- level=error msg="refused \"root\"" n=1"#;
    assert_eq!(said(docker), [r#"0 refused "root""#, "1 plain", whole]);
}

#[test]
fn objects_in_objects_end_somewhere() {
    let mut line = "deepest".to_owned();
    for _ in 0..9 {
        line = serde_json::json!({ "msg": line }).to_string();
    }
    let said = Said::by(line.as_bytes());
    assert!(said.parts().count() < 20);
    assert!(said.headline().starts_with(b"{\"msg\""));
}
