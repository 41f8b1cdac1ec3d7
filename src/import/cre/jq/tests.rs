//! Which programs are values of fields.

use super::lines;

#[test]
fn values_of_fields_are_lines() {
    let table: &[(&str, &[&str])] = &[
        (r#".kind == "Pod""#, &[r#"/"kind"\s*:\s*"Pod"/"#]),
        (r#"select(.spec.kind == "Pod")"#, &[r#"/"kind"\s*:\s*"Pod"/"#]),
        (
            r#"(.a == "x.y") and (.b == true)"#,
            &[r#"/"a"\s*:\s*"x\.y".*"b"\s*:\s*true\b/"#, r#"/"b"\s*:\s*true\b.*"a"\s*:\s*"x\.y"/"#],
        ),
        (r#".msg | contains("no \"space\"")"#, &[r#"/"msg"\s*:\s*"(?:[^"\\]|\\.)*no \\"space\\"/"#]),
        (r".code == -5", &[r#"/"code"\s*:\s*-5\b/"#]),
    ];
    for (program, expected) in table {
        assert_eq!(lines(program).expect(program), *expected, "{program}");
    }
}

#[test]
fn what_computes_is_none() {
    for program in [
        "",
        ".a",
        r#".a == "x" or .b == "y""#,
        ".spec.nfs != null",
        "(.a // 0) == 1",
        r#".items[] | .kind == "Pod""#,
        r#".a == "x" and .b == "x" and .c == "x" and .d == "x""#,
        r#".a == """#,
        ".a == .b",
        r#".a == "x" and"#,
    ] {
        assert_eq!(lines(program), None, "{program}");
    }
}
