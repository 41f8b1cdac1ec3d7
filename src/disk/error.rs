//! What can go wrong with a file or a folder, each with its path.

use std::io;
use std::path::PathBuf;

/// Why a file or a folder could not be used. One of these never stops the files beside it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DiskError {
    /// The system said no.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was tried (`read`, `write`).
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// A folder that something else than an older book is in.
    #[error("`{}` is not empty and is no older book (it has no `{mark}`)", path.display())]
    NotReplaced {
        /// Which.
        path: PathBuf,
        /// The file that every older book has.
        mark: String,
    },
    /// A folder where a file was asked for.
    #[error("`{}` is a folder, not a file", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
    },
    /// A pipe, socket or device where a regular file was asked for.
    #[error("`{}` is {what}, not a regular file", path.display())]
    NotRegular {
        /// Which.
        path: PathBuf,
        /// What it is (`a pipe`).
        what: &'static str,
    },
    /// Longer than kb reads.
    #[error("`{}` is longer than {bytes_max} bytes", path.display())]
    TooLong {
        /// Which.
        path: PathBuf,
        /// The limit.
        bytes_max: u64,
    },
    /// More files than kb reads; the rest were left out.
    #[error("`{}` holds more than {files_max} files; the rest were left out", path.display())]
    TooMany {
        /// The folder.
        path: PathBuf,
        /// The limit.
        files_max: usize,
    },
    /// Deeper than kb goes; what is below was left out.
    #[error("`{}` lies more than {depth_max} folders deep and was left out", path.display())]
    TooDeep {
        /// The folder.
        path: PathBuf,
        /// The limit.
        depth_max: usize,
    },
    /// A symbolic link that leads back to a folder above it.
    #[error("`{}` leads back to a folder above it and was left out", path.display())]
    Loop {
        /// The link.
        path: PathBuf,
    },
    /// A file in a folder of logs that holds no text.
    #[error("`{}` is {what} and was left out", path.display())]
    NotText {
        /// Which.
        path: PathBuf,
        /// What it is (`a systemd journal`).
        what: &'static str,
    },
    /// A pipe, socket or device in a folder of logs: to open one may wait for ever, or take what is
    /// meant for another.
    #[error("`{}` is {what}, not a file, and was left out", path.display())]
    LeftOut {
        /// Which.
        path: PathBuf,
        /// What it is (`a pipe`).
        what: &'static str,
    },
    /// A file of our own that somebody else could have changed.
    #[error("`{}` could have been written by somebody else and is not used", path.display())]
    NotOurs {
        /// Which.
        path: PathBuf,
    },
}

impl DiskError {
    pub(super) fn io(action: &'static str, path: impl Into<PathBuf>, source: io::Error) -> Self {
        Self::Io { action, path: path.into(), source }
    }

    /// True for what was left out on purpose, and for what is read by another way: worth a notice, not
    /// a failure.
    pub fn is_notice(&self) -> bool {
        matches!(self, Self::NotText { .. } | Self::LeftOut { .. } | Self::Loop { .. })
    }
}
