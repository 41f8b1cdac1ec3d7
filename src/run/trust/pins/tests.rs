//! Tests of what is pinned: every way to have other bytes run than those that were trusted.

#![expect(clippy::disallowed_methods, reason = "a test makes its own files")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use super::*;
use crate::run::trust::{Ground, admit};
use crate::runbook::{Origin, parse};

const PAGE: &str = "# Page\n\n```sh check look\necho well\n```\n\n- **healthy** if output has `well`\n- otherwise **unknown**\n";

struct World {
    folder: tempfile::TempDir,
}

impl World {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("project")).unwrap();
        let world = Self { folder };
        world.write("page.md", PAGE);
        world
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("project").join(name)
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.path(name), text).unwrap();
    }

    fn trust(&self, name: &str) {
        let mut pins = Pins::read(Some(&self.state())).unwrap();
        pins.add(&disk::read_runbook(&self.path(name)).unwrap(), jiff::Timestamp::UNIX_EPOCH).unwrap();
    }

    /// As `kb run` does it: the file of a project is read, and what was read is judged.
    fn runs(&self, name: &str) -> bool {
        let Ok(pins) = Pins::read(Some(&self.state())) else { return false };
        let source = Arc::new(disk::read_runbook(&self.path(name)).unwrap());
        let runbook = parse(&source, Origin::Project).value;
        let trusted = admit(&runbook, &pins);
        trusted.is_ok_and(|trusted| trusted.ground() == Ground::Pinned)
    }
}

#[test]
fn exactly_what_was_trusted_runs() {
    let world = World::new();
    assert!(!world.runs("page.md"));
    world.trust("page.md");
    assert!(world.runs("page.md"));
}

#[test]
fn any_other_byte_does_not() {
    let world = World::new();
    world.trust("page.md");
    let changed = [
        PAGE.replace("well\n```", "well; touch x\n```"),
        PAGE.replace("check look", "check look timeout=9m"),
        PAGE.replace('\n', "\r\n"),
        format!("\u{feff}{PAGE}"),
        format!("{PAGE} "),
        format!("{PAGE}\n```sh check more\ntrue\n```\n"),
        PAGE.replace("look", "l\u{43e}ok"),
    ];
    for text in changed {
        world.write("page.md", &text);
        assert!(!world.runs("page.md"), "{text:?}");
    }
    world.write("page.md", PAGE);
    assert!(world.runs("page.md"));
}

#[test]
fn bytes_that_only_read_alike_do_not_run() {
    let world = World::new();
    world.write("page.md", format!("{PAGE}\u{fffd}"));
    world.trust("page.md");
    world.write("page.md", [PAGE.as_bytes(), b"\xff"].concat());
    assert!(!world.runs("page.md"));
}

#[test]
fn a_copy_and_a_new_name_are_not_trusted() {
    let world = World::new();
    world.trust("page.md");
    fs::copy(world.path("page.md"), world.path("copy.md")).unwrap();
    assert!(!world.runs("copy.md"));
    fs::rename(world.path("page.md"), world.path("renamed.md")).unwrap();
    assert!(!world.runs("renamed.md"));
}

#[test]
fn a_link_is_what_it_leads_to() {
    let world = World::new();
    world.write("other.md", PAGE.replace("well", "ill"));
    std::os::unix::fs::symlink(world.path("page.md"), world.path("link.md")).unwrap();
    world.trust("link.md");
    assert!(world.runs("link.md") && world.runs("page.md"));
    fs::remove_file(world.path("link.md")).unwrap();
    std::os::unix::fs::symlink(world.path("other.md"), world.path("link.md")).unwrap();
    assert!(!world.runs("link.md"));
}

#[test]
fn going_back_to_an_older_trusted_text_asks_again() {
    let world = World::new();
    world.trust("page.md");
    world.write("page.md", format!("{PAGE}new"));
    world.trust("page.md");
    world.write("page.md", PAGE);
    assert!(!world.runs("page.md"));
}

#[test]
fn a_list_that_others_could_have_written_is_not_used() {
    let world = World::new();
    world.trust("page.md");
    let list = world.state().join("trust/pins.json");
    assert_eq!(fs::metadata(&list).unwrap().permissions().mode() & 0o777, 0o600);
    fs::set_permissions(&list, fs::Permissions::from_mode(0o666)).unwrap();
    assert!(!world.runs("page.md"));
    fs::set_permissions(&list, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(world.runs("page.md"));
    let real = world.folder.path().join("elsewhere.json");
    fs::rename(&list, &real).unwrap();
    std::os::unix::fs::symlink(&real, &list).unwrap();
    assert!(!world.runs("page.md"), "a list behind a link");
    fs::remove_file(&list).unwrap();
    fs::write(&list, "{").unwrap();
    fs::set_permissions(&list, fs::Permissions::from_mode(0o600)).unwrap();
    assert!(!world.runs("page.md"), "a damaged list");
}

#[test]
fn trust_that_was_taken_back_is_gone() {
    let world = World::new();
    world.trust("page.md");
    let mut pins = Pins::read(Some(&world.state())).unwrap();
    let hash = pins.list()[0].blake3.clone();
    assert!(pins.was_trusted(&hash));
    let real = disk::real_path(&world.path("page.md")).unwrap();
    assert_eq!(pins.remove(real.parent().unwrap()).unwrap().len(), 1);
    assert!(!world.runs("page.md"));
    assert!(!pins.was_trusted(&hash));
}

#[test]
fn a_file_that_is_rewritten_all_the_time_never_runs_other_bytes() {
    let world = World::new();
    world.trust("page.md");
    let done = Arc::new(std::sync::atomic::AtomicBool::new(false));
    let (path, stop) = (world.path("page.md"), Arc::clone(&done));
    let writer = std::thread::spawn(move || {
        let mut at = 0_u64;
        while !stop.load(std::sync::atomic::Ordering::Relaxed) {
            let text = if at.is_multiple_of(2) { PAGE.replace("well", "evil") } else { PAGE.to_owned() };
            fs::write(&path, text).unwrap();
            at += 1;
        }
    });
    let pins = Pins::read(Some(&world.state())).unwrap();
    for _ in 0..2000 {
        let source = Arc::new(disk::read_runbook(&world.path("page.md")).unwrap());
        let runbook = parse(&source, Origin::Project).value;
        if let Ok(trusted) = admit(&runbook, &pins) {
            assert_eq!(&*trusted.runbook().source.text, PAGE);
        }
    }
    done.store(true, std::sync::atomic::Ordering::Relaxed);
    writer.join().unwrap();
}
