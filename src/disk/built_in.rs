//! The runbooks that are part of the binary; `build.rs` lists them.

use crate::text::SourceFile;

/// File name and text of each.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/built_in.rs"));

/// The runbooks that are part of the binary, as files named `built-in/<slug>.md`.
pub fn built_in() -> Vec<SourceFile> {
    FILES.iter().map(|(name, text)| SourceFile::new(format!("built-in/{name}"), *text)).collect()
}
