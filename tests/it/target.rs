//! The conformance suite of targets: whatever way leads to a machine, a command does the same.
//!
//! `tests/cases/target/every*.md` runs on every target; `local*.md` holds what only a supervised
//! process can promise (time limits, signals, nothing left running).

#![expect(clippy::disallowed_methods, reason = "a test looks at the process table and at its files")]

use std::cell::RefCell;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use kb::target::by_hand::ByHand;
use kb::target::local::Local;
use kb::target::replay::{Replay, Tape};
use kb::target::{
    Access, Command, Ending, Helper, Holding, Interpreter, InterruptFlag, Output, Target, TargetError,
};

use crate::cases::{self, Block, Case, Result};
use crate::paste::{Clutter, Typist};

/// Beyond its time limit a block may take so long; the bar itself is one second, the rest is for
/// a machine that is busy with other tests.
const SLACK: Duration = Duration::from_secs(3);

/// Cases that every target passes.
pub(crate) fn every(path: &Path, text: String) -> Result {
    cases::check(path, &text, |case| {
        let commands = commands(case);
        let local = conformance(&mut local(), &commands);
        for clutter in Clutter::ALL {
            let mut by_hand = by_hand(*clutter);
            assert_eq!(conformance(&mut by_hand, &commands), local, "{}: by hand, {clutter:?}", case.title);
        }
        assert_eq!(conformance(&mut recorded(&commands), &commands), local, "{}: replay", case.title);
        vec![local]
    })
}

/// Cases of this machine alone.
pub(crate) fn on_this_machine(path: &Path, text: String) -> Result {
    cases::check(path, &text, |case| {
        let marker = format!("kb-test-{}-{}", std::process::id(), case.title.replace(' ', "-"));
        let mut commands = commands(case);
        for command in &mut commands {
            command.environment.push(("marker".into(), marker.clone().into()));
        }
        let started = Instant::now();
        let mut text = conformance(&mut local(), &commands);
        let limit: Duration = commands.iter().map(|command| command.time).sum();
        assert!(started.elapsed() < limit + SLACK, "{}: took {:?}", case.title, started.elapsed());
        let survivors = with_marker(&marker);
        let _ = writeln!(text, "{survivors} still running");
        vec![text]
    })
}

/// Waits for something that happens soon, if at all.
pub(crate) fn until(happened: impl Fn() -> bool) -> bool {
    let end = Instant::now() + Duration::from_secs(20);
    while Instant::now() < end {
        if happened() {
            return true;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    false
}

/// Values that must arrive byte for byte and never run.
pub(crate) fn hostile(path: &Path, text: String) -> Result {
    let folder = tempfile::tempdir()?;
    let canary = folder.path().join("canary");
    cases::check(path, &text, |case| {
        let listed = case.block("values").expect("a block of values");
        let listed = listed.replace("[CANARY]", &canary.to_string_lossy());
        let values: Vec<Vec<u8>> = listed.lines().map(bytes).collect();
        let commands: Vec<Command> = values.iter().map(|value| echo(value)).collect();
        let all: Vec<(&str, Box<dyn Target>)> = vec![
            ("local", Box::new(local())),
            ("by hand", Box::new(by_hand(Clutter::None))),
            ("by hand, cluttered", Box::new(by_hand(Clutter::EchoPromptsAndReturns))),
        ];
        let mut report = String::new();
        for (name, mut target) in all {
            let outputs = target.run(&commands).expect("it runs");
            let arrived = outputs.iter().zip(&values);
            let right = arrived.filter(|(output, value)| output.text.raw() == hexadecimal(value).as_bytes());
            let _ = writeln!(report, "{name}: {} of {} as they were", right.count(), values.len());
        }
        let _ = writeln!(report, "{} executed", usize::from(canary.exists()));
        vec![report]
    })
}

/// Runs commands in one batch and says what came of each: the one suite, for any target.
pub(crate) fn conformance(target: &mut dyn Target, commands: &[Command]) -> String {
    let outputs = target.run(commands).unwrap_or_else(|error| panic!("{}: {error}", target.name()));
    assert_eq!(outputs.len(), commands.len(), "{}: one output for each command", target.name());
    outputs.iter().map(shown).collect()
}

pub(crate) fn shown(output: &Output) -> String {
    let mut text = match &output.ending {
        Ending::Exited(status) => format!("exited {status}\n"),
        Ending::Signalled(signal) => format!("signal {signal}\n"),
        Ending::OtherSystem(system) => format!("other system: {system}\n"),
        Ending::Missing(program) => format!("missing: {program}\n"),
        other => format!("{other:?}\n"),
    };
    for line in output.text.lines_for_terminal().split_inclusive('\n') {
        let _ = write!(text, "| {line}");
    }
    if !text.ends_with('\n') {
        text.push_str("\\\n");
    }
    if output.dropped > 1 << 20 {
        text.push_str("a flood of bytes not kept\n");
    } else if output.dropped > 0 {
        let _ = writeln!(text, "{} bytes not kept", output.dropped);
    }
    if output.left.ended > 0 {
        let _ = writeln!(text, "{} left running, ended", output.left.ended);
    }
    assert_eq!(output.left.survived, 0, "something could not be ended");
    text
}

pub(crate) fn local() -> Local {
    Local::new(
        Helper {
            program: PathBuf::from(env!("CARGO_BIN_EXE_kb")),
            holding: Holding::default(),
            hurry: InterruptFlag::default(),
        },
        InterruptFlag::default(),
    )
}

fn by_hand(clutter: Clutter) -> ByHand<'static> {
    ByHand::new("guest", "c0ffee", Rc::new(RefCell::new(Typist::new(clutter))))
}

/// A recording of what this machine answered.
fn recorded(commands: &[Command]) -> impl Target + use<> {
    let outputs = local().run(commands).expect("it runs");
    Recorded { replay: Replay::new(tape(commands, &outputs)), outputs }
}

fn tape(commands: &[Command], outputs: &[Output]) -> Rc<RefCell<Tape>> {
    let mut tape = Tape::default();
    for (command, output) in commands.iter().zip(outputs) {
        if let Ending::Exited(status) = output.ending {
            let text = String::from_utf8_lossy(output.text.raw()).into_owned();
            tape.answers.insert(command.label.clone(), (status, text));
        }
    }
    Rc::new(RefCell::new(tape))
}

/// A recording holds exit statuses and texts; what else a machine says is passed through.
struct Recorded {
    replay: Replay,
    outputs: Vec<Output>,
}

impl Target for Recorded {
    fn name(&self) -> &'static str {
        "a recording"
    }

    fn identify(&mut self) -> std::result::Result<Option<kb::target::Identity>, TargetError> {
        self.replay.identify()
    }

    fn run(&mut self, commands: &[Command]) -> std::result::Result<Vec<Output>, TargetError> {
        let answers = self.replay.run(commands)?;
        let mixed = answers.into_iter().zip(&self.outputs).map(|(answer, output)| match answer.ending {
            Ending::Exited(_) => Output { dropped: output.dropped, ..answer },
            _ => output.clone(),
        });
        Ok(mixed.collect())
    }
}

pub(crate) fn commands(case: &Case) -> Vec<Command> {
    let values: Vec<(String, Vec<u8>)> = case
        .block("values")
        .unwrap_or("")
        .lines()
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, value)| (name.to_owned(), bytes(value)))
        .collect();
    let scripts = case.blocks.iter().filter(|block| matches!(block.kind(), "sh" | "bash"));
    scripts.enumerate().map(|(number, block)| command(number, block, &values)).collect()
}

pub(crate) fn command(number: usize, block: &Block, values: &[(String, Vec<u8>)]) -> Command {
    let words: Vec<&str> = block.info.split_whitespace().collect();
    let list =
        |key| block.key(key).map(|text| text.split(',').map(str::to_owned).collect()).unwrap_or_default();
    let read = Access::Read { unix: false, net: false, tmp: false, processes: false };
    Command {
        label: format!("check c{number}"),
        interpreter: if block.kind() == "bash" { Interpreter::Bash } else { Interpreter::Sh },
        script: Arc::from(block.text.as_str()),
        environment: values.to_vec(),
        root: words.contains(&"root"),
        access: if words.contains(&"change") { Access::Change } else { read },
        needs: list("needs"),
        systems: list("os"),
        time: Duration::from_millis(block.key("limit_ms").map_or(20_000, |ms| ms.parse().expect("a number"))),
        output_bytes_max: block.key("keep").map_or(65_536, |bytes| bytes.parse().expect("a number")),
        questions: Vec::new(),
        secrets: Vec::new(),
        undoes: false,
    }
}

pub(crate) fn echo(value: &[u8]) -> Command {
    // What a console shows is not always what came (escapes, characters it has not): so in numbers.
    let script = "printf '%s' \"$value\" | od -An -v -tx1 | tr -d ' \\n'\n";
    let block = Block { info: "sh".into(), text: script.into(), span: 0..0 };
    command(0, &block, &[("value".into(), value.to_vec())])
}

pub(crate) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The bytes that a line of a `values` block stands for: `\n`, `\t`, `\\`, `\xNN`, and
/// `N x TEXT` for a repetition.
pub(crate) fn bytes(written: &str) -> Vec<u8> {
    let repeated = written.split_once(" x ").and_then(|(count, text)| Some((count.parse().ok()?, text)));
    if let Some((count, text)) = repeated {
        return bytes(text).repeat(count);
    }
    let mut out = Vec::new();
    let mut rest = written.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        (out, rest) = match (first, tail) {
            (b'\\', [b'n', tail @ ..]) => (pushed(out, b'\n'), tail),
            (b'\\', [b't', tail @ ..]) => (pushed(out, b'\t'), tail),
            (b'\\', [b'\\', tail @ ..]) => (pushed(out, b'\\'), tail),
            (b'\\', [b'x', high, low, tail @ ..]) => {
                let digits = [*high, *low];
                let digits = std::str::from_utf8(&digits).expect("two hexadecimal digits");
                (pushed(out, u8::from_str_radix(digits, 16).expect("hexadecimal")), tail)
            }
            _ => (pushed(out, first), tail),
        };
    }
    out
}

fn pushed(mut bytes: Vec<u8>, byte: u8) -> Vec<u8> {
    bytes.push(byte);
    bytes
}

/// Living processes that carry the marker in their environment.
pub(crate) fn with_marker(marker: &str) -> usize {
    let folders = std::fs::read_dir("/proc").expect("/proc");
    let pids = folders.filter_map(|folder| folder.ok()?.file_name().to_str()?.parse::<u32>().ok());
    pids.filter(|pid| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        let wanted = format!("marker={marker}");
        environment.split(|&byte| byte == 0).any(|variable| variable == wanted.as_bytes())
    })
    .count()
}
