//! The reference of the commands as a chapter of the manual, from their one definition.

use clap::{Arg, Command, CommandFactory as _};

use crate::cli::args::Arguments;

/// The chapter, Markdown.
pub(super) fn markdown() -> String {
    let mut root = Arguments::command();
    root.build();
    let mut page = String::from("# Commands\n\nWhat `kb help COMMAND` says, on one page.\n\n");
    page.push_str(&prose(&root));
    command(&root, &mut page);
    page
}

/// A command, then the commands below it.
fn command(own: &Command, page: &mut String) {
    let visible = || own.get_subcommands().filter(|sub| !sub.is_hide_set() && sub.get_name() != "help");
    if own.get_name() == "kb" {
        page.push_str(&options(own, &|_| true));
    } else {
        let name = own.get_bin_name().unwrap_or(own.get_name());
        page.push_str(&format!("\n## {name}\n\n{}", prose(own)));
        let usage = own.clone().render_usage().to_string();
        let usage = usage.trim_start_matches("Usage: ");
        page.push_str(&format!("```text\n{}\n```\n\n", usage.trim()));
        page.push_str(&options(own, &|arg| !arg.is_global_set()));
    }
    let after = own.get_after_long_help().or(own.get_after_help());
    if let Some(after) = after {
        page.push_str(&format!("```text\n{}\n```\n", after.to_string().trim()));
    }
    for sub in visible() {
        command(sub, page);
    }
}

fn prose(command: &Command) -> String {
    let text = command.get_long_about().or(command.get_about());
    text.map(|text| format!("{}\n\n", sentence(&text.to_string()))).unwrap_or_default()
}

fn sentence(text: &str) -> String {
    let text = text.trim();
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

fn options(command: &Command, wanted: &dyn Fn(&Arg) -> bool) -> String {
    let mut list = String::new();
    for arg in command.get_arguments().filter(|arg| !arg.is_hide_set() && wanted(arg)) {
        if matches!(arg.get_id().as_str(), "help" | "version") {
            continue;
        }
        let help = arg.get_long_help().or(arg.get_help()).map(ToString::to_string).unwrap_or_default();
        list.push_str(&format!("- `{}`: {}\n", shape(arg), sentence(&help.replace('\n', " "))));
    }
    if !list.is_empty() {
        list.push('\n');
    }
    list
}

/// How it is typed: `-q, --quiet`, `--since TIME`, `[FILE]...`.
fn shape(arg: &Arg) -> String {
    if arg.is_positional() {
        return arg.to_string();
    }
    let mut names: Vec<String> = Vec::new();
    names.extend(arg.get_short().map(|short| format!("-{short}")));
    names.extend(arg.get_long().map(|long| format!("--{long}")));
    let takes = arg.get_num_args().is_some_and(|count| count.takes_values());
    let value = arg.get_value_names().and_then(|names| names.first()).filter(|_| takes);
    let value = value.map(|value| format!(" {value}")).unwrap_or_default();
    format!("{}{value}", names.join(", "))
}

#[cfg(test)]
mod tests;
