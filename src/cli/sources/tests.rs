//! Which folders a project may name.

use super::*;

fn folders(text: &str) -> Result<Vec<PathBuf>, String> {
    let base = tempfile::tempdir().expect("a folder");
    disk::write_private(&base.path().join("docs/a.md"), b"# A\n").expect("a file");
    let file = base.path().join(PROJECT_FILE);
    disk::write_private(&file, text.as_bytes()).expect("a file");
    project_folders(base.path(), &file)
}

#[test]
fn a_project_names_folders_inside_of_it() {
    assert_eq!(folders("folders = [\"docs\", \"./docs\"]").expect("two").len(), 2);
}

#[test]
fn a_project_names_nothing_else() {
    assert!(folders("folders = []\ntrust = true").is_err());
    assert!(folders("folders = [\"../elsewhere\"]").expect_err("outside").contains("out of the project"));
    assert!(folders("folders = [\"/etc\"]").expect_err("outside").contains("out of the project"));
    assert!(folders("folders = [\"missing\"]").expect_err("missing").contains("not a folder"));
}
