//! Where each host of a runbook is: this machine, or done by hand. Never bound silently.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};
use std::rc::Rc;
use std::sync::Arc;

use crate::cli::args::Run;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, Failed, Kind};
use crate::cli::ui::person::Person;
use crate::cli::ui::question::{Answered, Choice};
use crate::run::engine::Targets;
use crate::run::plan;
use crate::runbook::{HostName, Runbook};
use crate::target::by_hand::{ByHand, SharedConsole};
use crate::target::local::{self, Local};
use crate::target::{Helper, InterruptFlag, Target};
use crate::text::printable;

/// What a host can be bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Here,
    ByHand,
}

/// A target for each host on which anything of the runbook runs.
pub(super) fn bind<'a>(
    context: &Context,
    told: &Told,
    runbook: &Runbook,
    person: &Person,
    interrupt: &InterruptFlag,
) -> Result<Targets<'a>, CommandError> {
    let mut places = Vec::new();
    for host in plan::hosts(runbook) {
        let place = match told.get(&host) {
            Some(place) => *place,
            None if host == HostName::here() => Place::Here,
            None => ask(runbook, &host, person)?,
        };
        places.push((host, place));
    }
    let console: SharedConsole<'a> = Rc::new(RefCell::new(person.clone()));
    let nonce = nonce();
    let mut targets: Targets<'a> = BTreeMap::new();
    for (host, place) in places {
        let target: Box<dyn Target + 'a> = match place {
            Place::Here => {
                if plan::needs_root(runbook, &host) {
                    validate_sudo(context, person)?;
                }
                Box::new(Local::new(helper(context)?, Arc::clone(interrupt)))
            }
            Place::ByHand => Box::new(ByHand::new(host.as_str(), &nonce, Rc::clone(&console))),
        };
        targets.insert(host, target);
    }
    Ok(targets)
}

/// Places that are known before anybody is asked.
pub(super) type Told = BTreeMap<HostName, Place>;

/// What `--on` says.
pub(super) fn told(args: &Run, runbook: &Runbook) -> Result<Told, CommandError> {
    let mut told = BTreeMap::new();
    for text in &args.on {
        let shown = printable(text);
        let Some((host, place)) = text.split_once('=') else {
            return Err(CommandError::usage(format!("`{shown}` is not of the form `--on HOST=WHERE`"))
                .hint("WHERE is `here` or `by-hand`."));
        };
        let known = plan::hosts(runbook);
        let Some(host) = known.iter().find(|known| known.as_str() == host) else {
            let names: Vec<String> = known.iter().map(|host| format!("`{host}`")).collect();
            let host = printable(host);
            return Err(CommandError::usage(format!("`{}` has no host `{host}`", runbook.id))
                .hint(format!("It has {}.", names.join(", "))));
        };
        let place = match place {
            "here" => Place::Here,
            "by-hand" => Place::ByHand,
            _ => {
                let place = printable(place);
                return Err(CommandError::usage(format!("a host cannot be bound to `{place}`")).hint(format!(
                    "`--on {host}=here` is this machine; with `--on {host}=by-hand` you run the blocks there \
                     and paste what they print."
                )));
            }
        };
        told.insert(host.clone(), place);
    }
    Ok(told)
}

fn ask(runbook: &Runbook, host: &HostName, person: &Person) -> Result<Place, CommandError> {
    const CHOICES: &[Choice<Option<Place>>] = &[
        Choice { key: 'h', name: "here: it is this machine", answer: Some(Place::Here) },
        Choice {
            key: 'b',
            name: "by hand: you run the blocks there and paste what they print",
            answer: Some(Place::ByHand),
        },
        Choice { key: 'q', name: "quit", answer: None },
    ];
    let described = runbook.hosts.iter().find(|known| known.name == *host);
    let description = described.map_or("", |host| host.description.as_str());
    person.show(|out| {
        out.label("host", host.as_str())?;
        out.text(" ")?;
        out.line("", description)
    });
    match person.choose(&format!("Where is `{host}`: here, or by hand?"), CHOICES) {
        Some(Answered::With(Some(place))) => Ok(place),
        Some(_) => Err(CommandError::new(Kind::Interrupted, "interrupted")),
        None => Err(CommandError::usage(format!(
            "host `{host}` is not bound to a machine, and there is no terminal to ask on"
        ))
        .hint(format!("`--on {host}=here` is this machine."))
        .hint("`--replay sick` shows the run without any machine.")),
    }
}

/// sudo asks for its password itself, on the terminal, before the first block; kb never sees it.
fn validate_sudo(context: &Context, person: &Person) -> Result<(), CommandError> {
    if context.environment.root || !person.is_there() {
        return Ok(());
    }
    context.ui.say_plainly("Some blocks need root; `sudo` may ask for your password.");
    let allowed = local::validate_sudo().map_err(CommandError::usage)?;
    if !allowed {
        context.ui.warning("`sudo` refused; what needs root will come out as unknown.");
    }
    Ok(())
}

/// The supervisor of blocks is this program itself.
pub fn helper(context: &Context) -> Result<Helper, CommandError> {
    let program = context.environment.program.clone();
    let program = program.map_err(|reason| {
        CommandError::usage(Failed::new("find the file of kb itself", std::io::Error::other(reason)))
    })?;
    Ok(Helper { program })
}

/// A word that no output holds by accident.
fn nonce() -> String {
    format!("{:016x}", RandomState::new().hash_one(std::process::id()))
}
