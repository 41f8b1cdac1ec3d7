//! Is this host the one that the runbook and the log speak of?
