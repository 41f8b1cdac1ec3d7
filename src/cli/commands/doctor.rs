//! `kb doctor`: every local check of every trusted runbook that applies to this machine.
//!
//! Nothing is fixed and nobody is asked. A runbook that needs a value nobody gave, or a right that is
//! missing, is counted as such, never as healthy.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::cli::args::{Doctor, PlainFormat};
use crate::cli::commands::run::{helper, interrupt_flag};
use crate::cli::commands::trust::pins;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, Kind};
use crate::cli::exit::DoctorExit;
use crate::cli::ui::waiting::{Announced, Waiting};
use crate::render::human::{self, Examined, Health};
use crate::render::json;
use crate::run::clock::SystemClock;
use crate::run::engine::{self, Hands, Job, RunError, Targets};
use crate::run::trust::pins::Pins;
use crate::run::values::Given;
use crate::run::{Watch, plan, trust};
use crate::runbook::{HostName, Runbook};
use crate::target::InterruptFlag;
use crate::target::local::Local;

/// Runs the checks and counts.
pub fn run(context: &Context, args: &Doctor) -> Result<ExitCode, CommandError> {
    let interrupt = interrupt_flag()?;
    let mut health = Health::default();
    let mut first_sick = None;
    let pins = pins(context);
    for runbook in &context.base()?.runbooks {
        let examined = match args.format {
            PlainFormat::Human => for_people(context, &pins, runbook, &interrupt)?,
            PlainFormat::Json => for_programs(context, &pins, runbook, &interrupt)?,
        };
        if interrupt.load(Ordering::SeqCst) {
            return Err(CommandError::new(Kind::Interrupted, "interrupted"));
        }
        health.count(&examined);
        if first_sick.is_none() && health.sick > 0 {
            first_sick = Some(&runbook.id);
        }
    }
    match args.format {
        PlainFormat::Human => context.ui.answer(|out| human::health(out, &health))?,
        PlainFormat::Json => context.ui.records(|out| json::health(out, &health))?,
    }
    if let (Some(id), PlainFormat::Human) = (first_sick, args.format) {
        context.ui.hint(&format!("`kb run {id}` shows what the checks printed, and offers the fix."));
    }
    Ok(if health.sick > 0 {
        DoctorExit::Sick
    } else if health.unknown > 0 || health.healthy == 0 {
        DoctorExit::Unknown
    } else {
        DoctorExit::Healthy
    }
    .into())
}

fn for_people(
    context: &Context,
    pins: &Pins,
    runbook: &Runbook,
    interrupt: &InterruptFlag,
) -> Result<Examined, CommandError> {
    let mut silent = io::sink();
    let mut watch = human::RunWatch::new(&mut silent, context.ui.answer_screen(), runbook, false);
    let examined = examine(context, pins, runbook, &mut watch, interrupt)?;
    context.ui.answer(|out| human::examined(out, runbook, &examined))?;
    Ok(examined)
}

fn for_programs(
    context: &Context,
    pins: &Pins,
    runbook: &Runbook,
    interrupt: &InterruptFlag,
) -> Result<Examined, CommandError> {
    let mut records = Vec::new();
    let mut watch = json::RunWatch::new(&mut records, &runbook.id);
    let examined = examine(context, pins, runbook, &mut watch, interrupt)?;
    if let Examined::Done(report) = &examined {
        json::outcome(&mut records, report)?;
    }
    context.ui.records(|out: &mut dyn Write| out.write_all(&records))?;
    Ok(examined)
}

fn examine(
    context: &Context,
    pins: &Pins,
    runbook: &Runbook,
    watch: &mut dyn Watch,
    interrupt: &InterruptFlag,
) -> Result<Examined, CommandError> {
    if !runbook.has_blocks() || runbook.checks.is_empty() {
        return Ok(Examined::NoChecks);
    }
    let Ok(trusted) = trust::admit(runbook, pins) else { return Ok(Examined::NotTrusted) };
    let here = HostName::here();
    if plan::hosts(runbook).iter().any(|host| *host != here) {
        return Ok(Examined::Elsewhere);
    }
    let job = Job {
        runbook: trusted,
        given: Given::default(),
        dry_run: true,
        even_if_unknown: false,
        yes: BTreeSet::new(),
        zone: context.environment.zone.clone(),
        state: None,
        who: context.environment.who.clone(),
    };
    let local = Local::new(helper(context)?, Arc::clone(interrupt));
    let targets: Targets<'_> = BTreeMap::from([(here, Box::new(local) as Box<_>)]);
    let approver = &mut crate::cli::ui::person::Person::new(None, Arc::clone(interrupt), Waiting::new(false));
    let watch = &mut Announced { watch, waiting: context.ui.waiting() };
    let hands = Hands { targets, approver, watch, clock: &SystemClock, interrupt: Arc::clone(interrupt) };
    Ok(match engine::run(&job, hands) {
        Ok(report) => Examined::Done(report),
        Err(RunError::ValuesMissing(names)) => Examined::NeedsValues(names),
        Err(error) => Examined::Failed(error.to_string()),
    })
}
