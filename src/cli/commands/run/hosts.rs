//! Where each host of a runbook is: this machine, behind ssh, or done by hand. Never bound silently:
//! by `--on`, by the user's own configuration (which is said), or by an answer.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{BuildHasher as _, RandomState};
use std::rc::Rc;
use std::sync::Arc;

use super::config;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, Failed, Kind};
use crate::cli::ui::Ui;
use crate::cli::ui::person::Person;
use crate::cli::ui::question::{Answered, Choice};
use crate::run::engine::Targets;
use crate::run::journal::past::PastHost;
use crate::run::plan;
use crate::runbook::{HostName, Language, Runbook};
use crate::target::by_hand::{ByHand, SharedConsole};
use crate::target::device::{AskSecret, Device};
use crate::target::local::{self, Local};
use crate::target::or_by_hand::OrByHand;
use crate::target::ssh::{Client, Destination, Ssh};
use crate::target::{Helper, Holding, InterruptFlag, Target};
use crate::text::printable;

/// What a host can be bound to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// This machine.
    Here,
    /// Behind ssh.
    Ssh(Destination),
    /// A person runs the blocks there.
    ByHand,
}

impl Place {
    /// `here`, `by-hand`, or `[user@]host[:port]`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text {
            "here" => Some(Self::Here),
            "by-hand" => Some(Self::ByHand),
            _ => Destination::parse(text).map(Self::Ssh),
        }
    }
}

/// A target for each host on which anything of the runbook runs.
pub fn bind<'a>(
    context: &Context,
    told: &Told,
    runbook: &Runbook,
    person: &Person,
    helper: &Helper,
    interrupt: &InterruptFlag,
) -> Result<Targets<'a>, CommandError> {
    let mut places = Vec::new();
    for host in plan::hosts(runbook) {
        let place = match told.get(&host) {
            Some(place) => place.clone(),
            None if host == HostName::here() => Place::Here,
            None => ask(runbook, &host, person)?,
        };
        places.push((host, place));
    }
    let console: SharedConsole<'a> = Rc::new(RefCell::new(person.clone()));
    let nonce = nonce();
    let mut targets: Targets<'a> = BTreeMap::new();
    for (host, place) in places {
        let by_hand = ByHand::new(host.as_str(), &nonce, Rc::clone(&console));
        let target: Box<dyn Target + 'a> = match place {
            Place::Here => {
                if plan::needs_root(runbook, &host) {
                    validate_sudo(context, person)?;
                }
                Box::new(Local::new(helper.clone(), Arc::clone(interrupt)))
            }
            Place::Ssh(destination) if speaks_device(runbook, &host) => {
                let asked = person.clone();
                let ask: AskSecret<'a> = Box::new(move |question| asked.secret_for(question));
                let device = Device::new(destination, client(person), Arc::clone(interrupt), ask);
                Box::new(OrByHand::new(host.as_str(), Box::new(device), by_hand, Rc::clone(&console)))
            }
            Place::Ssh(destination) => {
                let mut ssh = Ssh::new(destination, &nonce, client(person), Arc::clone(interrupt));
                if plan::needs_root(runbook, &host) {
                    ssh = ssh.with_root();
                }
                Box::new(OrByHand::new(host.as_str(), Box::new(ssh), by_hand, Rc::clone(&console)))
            }
            Place::ByHand => Box::new(by_hand),
        };
        targets.insert(host, target);
    }
    Ok(targets)
}

/// The system's `ssh`, which asks on the person's terminal.
fn client<'a>(person: &Person) -> Client<'a> {
    let shown = person.clone();
    let say = move |words: &str| {
        shown.show(|out| if words.is_empty() { Ok(()) } else { out.line("", words) });
    };
    Client { options: Vec::new(), terminal: person.is_there(), say: Rc::new(say) }
}

/// All that runs on this host is in the language of a device.
fn speaks_device(runbook: &Runbook, host: &HostName) -> bool {
    let checks = runbook.checks.iter().map(|check| &check.script);
    let fixes = runbook.fixes.iter().filter_map(|fix| fix.script.as_ref());
    let rollbacks = runbook.rollbacks.iter().map(|rollback| &rollback.script);
    let mut there = checks.chain(fixes).chain(rollbacks).filter(|script| script.host == *host).peekable();
    there.peek().is_some() && there.all(|script| script.language == Language::Cisco)
}

/// Places that are known before anybody is asked.
pub type Told = BTreeMap<HostName, Place>;

/// What the user's configuration and `--on` say.
pub fn told(context: &Context, on: &[String], runbook: &Runbook) -> Result<Told, CommandError> {
    let mut told = configured(context, runbook)?;
    for text in on {
        let shown = printable(text);
        let Some((host, place)) = text.split_once('=') else {
            return Err(CommandError::usage(format!("`{shown}` is not of the form `--on HOST=WHERE`"))
                .hint("WHERE is `here`, `by-hand`, or `[user@]host[:port]` for ssh."));
        };
        let host = known(runbook, host)?;
        let Some(place) = Place::parse(place) else {
            let place = printable(place);
            return Err(CommandError::usage(format!("a host cannot be bound to `{place}`")).hint(format!(
                "`--on {host}=here` is this machine; `--on {host}=root@esx1` is reached by ssh; with \
                 `--on {host}=by-hand` you run the blocks there and paste what they print."
            )));
        };
        told.insert(host, place);
    }
    Ok(told)
}

/// The hosts that `--allow-declared` names.
pub fn named(runbook: &Runbook, names: &[String]) -> Result<BTreeSet<HostName>, CommandError> {
    names.iter().map(|name| known(runbook, name)).collect()
}

fn known(runbook: &Runbook, name: &str) -> Result<HostName, CommandError> {
    let hosts = plan::hosts(runbook);
    hosts.iter().find(|host| host.as_str() == name).cloned().ok_or_else(|| {
        let names: Vec<String> = hosts.iter().map(|host| format!("`{host}`")).collect();
        CommandError::usage(format!("`{}` has no host `{}`", runbook.id, printable(name)))
            .hint(format!("It has {}.", names.join(", ")))
    })
}

/// What `[hosts]` of the user's own `config.toml` says. A project's `kb.toml` has no such part.
fn configured(context: &Context, runbook: &Runbook) -> Result<Told, CommandError> {
    let mut told = BTreeMap::new();
    let wanted = plan::hosts(runbook).into_iter().filter(|host| *host != HostName::here());
    for host in wanted {
        if let Some(place) = config::host(&context.environment, host.as_str())? {
            told.insert(host, place);
        }
    }
    Ok(told)
}

/// Where a past run had its hosts, for those that nothing else is said of; it is said.
pub fn as_before(mut told: Told, before: &[PastHost], ui: &Ui) -> Told {
    for PastHost { host, target, .. } in before {
        let place = match target.as_str() {
            "this machine" => Some(Place::Here),
            "by hand" => Some(Place::ByHand),
            _ => target.split_once(' ').and_then(|(_, place)| Destination::parse(place)).map(Place::Ssh),
        };
        if let (Some(place), false) = (place, told.contains_key(host)) {
            if *host != HostName::here() {
                ui.note(&format!("`{host}` is {}, as in that run.", printable(target)));
            }
            told.insert(host.clone(), place);
        }
    }
    told
}

/// An answer to where a host is.
#[derive(Clone, Copy)]
enum Said {
    Here,
    Ssh,
    ByHand,
    Quit,
}

fn ask(runbook: &Runbook, host: &HostName, person: &Person) -> Result<Place, CommandError> {
    const CHOICES: &[Choice<Said>] = &[
        Choice { key: 'h', name: "here: it is this machine", answer: Said::Here },
        Choice { key: 's', name: "ssh: kb runs the blocks there", answer: Said::Ssh },
        Choice {
            key: 'b',
            name: "by hand: you run the blocks there and paste what they print",
            answer: Said::ByHand,
        },
        Choice { key: 'q', name: "quit", answer: Said::Quit },
    ];
    let described = runbook.hosts.iter().find(|known| known.name == *host);
    let description = described.map_or("", |host| host.description.as_str());
    person.show(|out| {
        out.label("host", host.as_str())?;
        out.text(" ")?;
        out.line("", description)
    });
    loop {
        match person.choose(&format!("Where is `{host}`: here, behind ssh, or by hand?"), CHOICES) {
            Some(Answered::With(Said::Here)) => return Ok(Place::Here),
            Some(Answered::With(Said::ByHand)) => return Ok(Place::ByHand),
            Some(Answered::With(Said::Ssh)) => {
                let typed = person.line_for("Log in to ([user@]host[:port]): ");
                match typed.as_deref().map(str::trim).and_then(Destination::parse) {
                    Some(destination) => return Ok(Place::Ssh(destination)),
                    None => person.show(|out| out.line("warning", "That is not `[user@]host[:port]`.")),
                }
            }
            Some(_) => return Err(CommandError::new(Kind::Interrupted, "interrupted")),
            None => {
                return Err(CommandError::usage(format!(
                    "host `{host}` is not bound to a machine, and there is no terminal to ask on"
                ))
                .hint(format!("`--on {host}=here` is this machine, `--on {host}=root@esx1` one behind ssh."))
                .hint("`--replay sick` shows the run without any machine."));
            }
        }
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
pub fn helper(context: &Context, required: bool) -> Result<Helper, CommandError> {
    let program = context.environment.program.clone();
    let program = program.map_err(|reason| {
        CommandError::usage(Failed::new("find the file of kb itself", std::io::Error::other(reason)))
    })?;
    let holding = Holding { required, landlock_max: context.environment.landlock_max };
    Ok(Helper { program, holding, hurry: InterruptFlag::default() })
}

/// A word that no output holds by accident.
fn nonce() -> String {
    format!("{:016x}", RandomState::new().hash_one(std::process::id()))
}
