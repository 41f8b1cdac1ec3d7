//! The reference names every command that help names.

use clap::CommandFactory as _;

use super::*;

#[test]
fn every_command_and_option_is_in_the_reference() {
    let page = markdown();
    let mut root = Arguments::command();
    root.build();
    let mut open: Vec<&Command> = vec![&root];
    let mut seen = 0;
    while let Some(command) = open.pop() {
        for sub in command.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help") {
            let name = sub.get_bin_name().expect("built");
            assert!(page.contains(&format!("\n## {name}\n")), "{name}");
            open.push(sub);
        }
        for arg in command.get_arguments().filter(|arg| !arg.is_hide_set()) {
            let long = arg.get_long().filter(|long| !matches!(*long, "help" | "version"));
            assert!(long.is_none_or(|long| page.contains(&format!("--{long}"))), "{long:?}");
            seen += 1;
        }
    }
    assert!(seen > 30, "{seen}");
}
