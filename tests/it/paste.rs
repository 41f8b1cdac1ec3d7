//! A person in front of another console, for tests: takes the block that kb shows, really runs it
//! there, and pastes back what the console shows.

#![expect(clippy::disallowed_methods, reason = "a test starts the shell of that console")]

use std::io::Write as _;
use std::process::{Command, Stdio};

use kb::target::by_hand::{Console, Pasted, YesNo};

/// What a console puts around the output.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Clutter {
    /// Nothing.
    None,
    /// The block itself behind prompts, a prompt at the end, CR before each LF, colours.
    EchoPromptsAndReturns,
}

impl Clutter {
    /// All of them.
    pub(crate) const ALL: &[Self] = &[Self::None, Self::EchoPromptsAndReturns];
}

/// Types blocks into a shell.
pub(crate) struct Typist {
    clutter: Clutter,
    block: String,
}

impl Typist {
    pub(crate) fn new(clutter: Clutter) -> Self {
        Self { clutter, block: String::new() }
    }

    fn run(&self) -> String {
        // As a login shell reads what is typed: the block on standard input, interpreted there.
        let mut shell = Command::new("/bin/sh")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("a shell");
        let mut keyboard = shell.stdin.take().expect("a pipe");
        keyboard.write_all(self.block.as_bytes()).expect("it reads");
        drop(keyboard);
        let output = shell.wait_with_output().expect("it ends");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

impl Console for Typist {
    fn say(&mut self, _text: &str) {}

    fn show_block(&mut self, block: &str) {
        block.clone_into(&mut self.block);
    }

    fn paste(&mut self, end: &str) -> Pasted {
        let output = self.run();
        assert!(!self.block.contains(end), "the echo of a block must not look like its output");
        let text = match self.clutter {
            Clutter::None => output,
            Clutter::EchoPromptsAndReturns => {
                let echo = format!("\x1b[1mroot@guest:~#\x1b[0m {}", self.block.replace('\n', "\n> "));
                format!("{echo}\n{output}root@guest:~# ").replace('\n', "\r\n")
            }
        };
        Pasted::Text(text.into_bytes())
    }

    fn ask(&mut self, _question: &str) -> YesNo {
        YesNo::CannotTell
    }
}
