//! What is decided from the rule alone.

use super::{Companions, Importer};
use crate::text::SourceFile;

#[test]
fn a_record_of_several_lines_may_hold_a_pattern() {
    let rule = "rules: [{cre: {id: CRE-2031-0001, title: x}, rule: {set: {match: [{regex: \"plugin failed.*has no signature\"}]}}}]";
    let log =
        b"2031-01-01T00:00:00Z {\n  \"msg\": \"plugin failed\",\n  \"error\": \"it has no signature\"\n}\n";
    let companions = Companions { hit_log: Some(log.to_vec()), ..Companions::default() };
    let imported = Importer::new(b"").import(&SourceFile::new("a.yaml", rule), &companions).expect("rules");
    let page = &imported[0].as_ref().expect("a rule").page;
    assert!(page.contains("symptom sequence within=1s\nplugin failed\nhas no signature\n"), "{page}");
}

#[test]
fn a_file_about_something_else_holds_no_rules() {
    let source = SourceFile::new("a.yaml", "tags: [a, b]\n");
    let imported = Importer::new(b"").import(&source, &Companions::default()).expect("YAML");
    assert!(imported.is_empty());
}
