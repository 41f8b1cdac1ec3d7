//! In place of `book` in a build without the feature of that name: there is no book to look at.

use std::path::Path;

use crate::cases::Result;

/// Does nothing.
pub(crate) fn file(_: &Path, _: String) -> Result {
    Ok(())
}

/// Does nothing.
pub(crate) fn samples(_: &Path, _: String) -> Result {
    Ok(())
}
