//! Consent for a change. [`ApprovedFix`] is the only thing the engine turns into a change, and
//! [`ask`] is its only maker.

use crate::run::{Answer, Approver, Consent};
use crate::target::{Access, Command};

/// A change that a person (or a `--yes` that names it) has agreed to: exactly the bytes shown.
#[derive(Debug)]
pub struct ApprovedFix {
    command: Command,
    by: Agreement,
}

/// Who agreed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// A person, asked on the terminal.
    Asked,
    /// `--yes` with the name of the block.
    Flag,
}

/// What came of asking.
#[derive(Debug)]
pub enum Decision {
    /// Go ahead.
    Approved(ApprovedFix),
    /// No, and offer no more.
    Declined,
    /// Not this one.
    Skipped,
    /// End the run.
    Quit,
    /// There was nobody to ask.
    Nobody,
}

impl ApprovedFix {
    /// The change, to be run as it is.
    pub fn command(&self) -> &Command {
        &self.command
    }

    /// Who agreed.
    pub fn agreement(&self) -> Agreement {
        self.by
    }
}

/// Asks for one change. `named` says that `--yes` names the block: then nobody is asked, unless
/// the consent calls for the name of the host to be typed.
///
/// What runs is `command`, whose text the consent shows; only secrets are masked there. It becomes
/// a change here and nowhere else.
pub fn ask(consent: &Consent, command: Command, approver: &mut dyn Approver, named: bool) -> Decision {
    let go_ahead =
        |by| Decision::Approved(ApprovedFix { command: Command { access: Access::Change, ..command }, by });
    if named && consent.type_host.is_none() {
        return go_ahead(Agreement::Flag);
    }
    match approver.approve(consent) {
        Some(Answer::Yes) => go_ahead(Agreement::Asked),
        Some(Answer::No) => Decision::Declined,
        Some(Answer::Skip) => Decision::Skipped,
        Some(Answer::Quit) => Decision::Quit,
        None => Decision::Nobody,
    }
}

#[cfg(test)]
mod tests;
