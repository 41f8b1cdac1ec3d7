//! This machine. Each block runs under a supervising helper: `kb` itself, re-executed.

use crate::target::{Command, Helper, Identity, InterruptFlag, Output, Target, TargetError};

/// This machine.
#[derive(Debug)]
pub struct Local {
    helper: Helper,
    interrupt: InterruptFlag,
}

impl Local {
    /// This machine, with the helper that supervises blocks and the flag that stops them.
    pub fn new(helper: Helper, interrupt: InterruptFlag) -> Self {
        Self { helper, interrupt }
    }
}

/// Lets `sudo` ask for its password on the terminal, ahead of blocks that need root. `Ok(false)`
/// when the person has no right to.
pub fn validate_sudo() -> Result<bool, TargetError> {
    Ok(false)
}

impl Target for Local {
    fn name(&self) -> &'static str {
        "this machine"
    }

    fn identify(&mut self) -> Result<Option<Identity>, TargetError> {
        Ok(None)
    }

    fn run(&mut self, _commands: &[Command]) -> Result<Vec<Output>, TargetError> {
        let _ = (&self.helper, &self.interrupt);
        Err(TargetError::Unreachable { host: self.name().into(), reason: "not built yet".into() })
    }
}
