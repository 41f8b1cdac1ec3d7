//! Tests of what may run.

use std::sync::Arc;

use super::*;
use crate::runbook::parse;

fn verdict(origin: Origin, owner: Option<(u32, bool)>, me: u32) -> Result<(), String> {
    let mut source = SourceFile::new("x/page.md", "# Page\n");
    source.owner = owner.map(|(uid, others_may_write)| FileOwner { uid, others_may_write });
    let runbook = parse(&Arc::new(source), origin).value;
    judge(&runbook, &Pins::none(), me).map(|_| ()).map_err(|error| error.reason)
}

#[test]
fn what_is_built_in_runs() {
    assert_eq!(verdict(Origin::BuiltIn, None, 1000), Ok(()));
}

#[test]
fn a_file_that_is_named_runs_when_it_is_mine_alone() {
    assert_eq!(verdict(Origin::Named, Some((1000, false)), 1000), Ok(()));
    assert!(verdict(Origin::Named, Some((1000, true)), 1000).unwrap_err().contains("others may change it"));
    assert!(verdict(Origin::Named, Some((1000, false)), 0).unwrap_err().contains("not root's"));
    assert!(verdict(Origin::Named, Some((0, false)), 1000).unwrap_err().contains("not yours"));
    assert!(verdict(Origin::Named, None, 1000).is_err());
}

#[test]
fn the_folder_of_the_system_is_roots() {
    assert_eq!(verdict(Origin::System, Some((0, false)), 1000), Ok(()));
    assert!(verdict(Origin::System, Some((1000, false)), 1000).is_err());
    assert!(verdict(Origin::System, Some((0, true)), 1000).is_err());
}

#[test]
fn nothing_else_runs() {
    for origin in [Origin::Given, Origin::Project, Origin::User] {
        assert!(verdict(origin, Some((1000, false)), 1000).is_err(), "{origin:?}");
    }
}
