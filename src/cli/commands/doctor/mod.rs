//! `kb doctor`: every local check of every trusted runbook that applies to this machine.
//!
//! Nothing is fixed and nobody is asked. A runbook that needs a value nobody gave, or a right that is
//! missing, is counted as such, never as healthy.

use std::io::Write;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::cli::args::{Doctor, DoctorFormat};
use crate::cli::commands::run::{Interrupts, helper, interrupts};
use crate::cli::commands::trust::pins;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, Kind};
use crate::cli::exit::DoctorExit;
use crate::render::human::{self, Health};
use crate::render::{json, nagios};
use crate::runbook::{Runbook, parse_duration};
use crate::text::printable;

mod rounds;

use rounds::{Practice, Visit};

/// A monitoring server ends a plugin that takes a minute.
const NAGIOS_TIMEOUT: Duration = Duration::from_secs(50);
/// Of the time that is given, so much is kept for ending what is running.
const ENDING: Duration = Duration::from_secs(1);

/// Runs the checks and counts.
pub fn run(context: &Context, args: &Doctor) -> Result<ExitCode, CommandError> {
    let began = Instant::now();
    let timeout = timeout(args)?;
    let Interrupts { interrupt, .. } = interrupts()?;
    let practice = Practice {
        helper: helper(context, args.require_confined)?,
        pins: pins(context),
        zone: context.environment.zone.clone(),
        who: context.environment.who.clone(),
        require_confined: args.require_confined,
        deadline: timeout.map(|timeout| began + timeout.saturating_sub(ENDING).max(timeout / 2)),
        interrupt,
    };
    let runbooks = &context.base()?.runbooks;
    let waiting = context.ui.waiting();
    let progress = |done: usize| waiting.on(format!("{done} of {} runbooks looked at", runbooks.len()));
    let mut health = Health::default();
    let mut problems = Vec::new();
    let mut tell = |runbook: &Runbook, visit: Visit| {
        health.count(runbook, &visit.examined);
        match args.format {
            DoctorFormat::Human => {
                waiting.off();
                context.ui.answer(|out| human::examined(out, runbook, &visit.examined))
            }
            DoctorFormat::Json => context.ui.records(|out: &mut dyn Write| out.write_all(&visit.records)),
            DoctorFormat::Nagios => {
                problems.extend(nagios::problem(runbook, &visit.examined));
                Ok(())
            }
        }
    };
    progress(0);
    let finished = rounds::all(&practice, runbooks, progress, &mut tell);
    waiting.off();
    if !finished? {
        return Err(CommandError::new(Kind::Interrupted, "interrupted"));
    }
    match args.format {
        DoctorFormat::Human => {
            context.ui.answer(|out| human::health(out, &health))?;
            if let Some(id) = health.first_sick() {
                context.ui.hint(&format!("`kb run {id}` shows what the checks printed, and offers the fix."));
            }
        }
        DoctorFormat::Json => context.ui.records(|out| json::health(out, &health))?,
        DoctorFormat::Nagios => {
            context.ui.records(|out| nagios::service(out, &health, &problems, began.elapsed()))?;
            return Ok(ExitCode::from(nagios::state(&health, &problems) as u8));
        }
    }
    Ok(exit(&health).into())
}

fn exit(health: &Health) -> DoctorExit {
    if health.sick > 0 {
        DoctorExit::Sick
    } else if health.unknown > 0 || health.healthy == 0 {
        DoctorExit::Unknown
    } else {
        DoctorExit::Healthy
    }
}

/// How long all checks together may take.
fn timeout(args: &Doctor) -> Result<Option<Duration>, CommandError> {
    let Some(text) = &args.timeout else {
        return Ok((args.format == DoctorFormat::Nagios).then_some(NAGIOS_TIMEOUT));
    };
    let parsed = parse_duration(text);
    let shown = printable(text);
    parsed.map(Some).ok_or_else(|| {
        CommandError::usage(format!("`{shown}` is no time")).hint("Write for instance `--timeout 50s`.")
    })
}
