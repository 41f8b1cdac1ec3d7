//! The person at the terminal, asked by a run: consents, values, tasks; and the console through which
//! another machine is done by hand.
//!
//! Without a terminal nobody is asked, and the answer is `None`.

use std::cell::RefCell;
use std::io;
use std::rc::Rc;
use std::sync::atomic::Ordering;

use super::question::{Answered, Choice, choose};
use super::terminal::{Terminal, Typed};
use super::waiting::Waiting;
use crate::render::human;
use crate::render::style::Out;
use crate::run::{Answer, Approver, Consent, Remedy, Task};
use crate::runbook::{BlockId, HostName, Parameter};
use crate::target::InterruptFlag;
use crate::target::by_hand::{Console, Pasted, YesNo};
use crate::text::Untrusted;

/// How often a word that must be typed may be mistyped.
const TYPING_TRIES: usize = 3;

const YES_OR_NO: &[Choice<bool>] =
    &[Choice { key: 'y', name: "yes", answer: true }, Choice { key: 'N', name: "no", answer: false }];

/// The person, if there is a terminal.
#[derive(Clone, Debug)]
pub struct Person {
    terminal: Option<Rc<RefCell<Terminal>>>,
    interrupt: InterruptFlag,
    waiting: Waiting,
}

impl Person {
    /// The person at this terminal; `waiting` is taken away before anything is shown there.
    pub fn new(terminal: Option<Terminal>, interrupt: InterruptFlag, waiting: Waiting) -> Self {
        Self { terminal: terminal.map(|terminal| Rc::new(RefCell::new(terminal))), interrupt, waiting }
    }

    /// True when somebody can be asked.
    pub fn is_there(&self) -> bool {
        self.terminal.is_some()
    }

    /// Asks until one of the choices is typed.
    pub fn choose<T: Copy>(&self, question: &str, choices: &[Choice<T>]) -> Option<Answered<T>> {
        let terminal = self.terminal.as_ref()?;
        self.waiting.off();
        Some(choose(&mut terminal.borrow_mut(), question, choices))
    }

    /// Asks for a line; `None`: nobody answers, or nothing was typed.
    pub fn line_for(&self, question: &str) -> Option<String> {
        match self.line(false, |out| out.label("question", question)) {
            Typed::Text(line) => String::from_utf8(line).ok().filter(|line| !line.trim().is_empty()),
            Typed::End | Typed::Interrupted => None,
        }
    }

    /// Asks for a secret, which is not echoed and kept nowhere.
    pub fn secret_for(&self, question: &str) -> Option<Vec<u8>> {
        match self.line(true, |out| out.label("question", question)) {
            Typed::Text(line) => Some(line),
            Typed::End => None,
            Typed::Interrupted => {
                self.interrupt();
                None
            }
        }
    }

    /// Shows something on the terminal.
    pub fn show(&self, write: impl FnOnce(&mut Out<'_>) -> io::Result<()>) {
        self.waiting.off();
        if let Some(terminal) = &self.terminal {
            // A terminal that is gone gives no answer to the question that follows.
            let _ = terminal.borrow_mut().write(write);
        }
    }

    fn line(&self, secret: bool, question: impl FnOnce(&mut Out<'_>) -> io::Result<()>) -> Typed {
        let Some(terminal) = &self.terminal else { return Typed::End };
        self.waiting.off();
        let mut terminal = terminal.borrow_mut();
        let typed = if secret { terminal.secret(question) } else { terminal.line(question) };
        typed.unwrap_or(Typed::Interrupted)
    }

    /// Set when the person presses Ctrl-C.
    pub fn interrupt_flag(&self) -> InterruptFlag {
        InterruptFlag::clone(&self.interrupt)
    }

    fn interrupt(&self) {
        self.interrupt.store(true, Ordering::SeqCst);
    }

    /// Asks for the name of the host, letter by letter.
    fn types_host(&self, name: &str) -> Answer {
        for _ in 0..TYPING_TRIES {
            let typed = self.line(false, |out| {
                out.newline()?;
                out.label("question", "Type the name of the host to go on")?;
                out.text(&format!(" ({name}), or press Enter to leave it: "))
            });
            match typed {
                Typed::Text(line) if line.trim_ascii() == name.as_bytes() => return Answer::Yes,
                Typed::Text(line) if line.trim_ascii().is_empty() => return Answer::No,
                Typed::Text(_) => self.show(|out| out.line("warning", "That is not the name.")),
                Typed::End => return Answer::No,
                Typed::Interrupted => {
                    self.interrupt();
                    return Answer::Quit;
                }
            }
        }
        Answer::No
    }

    /// An empty paste: again, or nothing can be copied there, or the host is left out.
    fn nothing_pasted(&self) -> Option<Pasted> {
        const CHOICES: &[Choice<u8>] = &[
            Choice { key: 'p', name: "paste again", answer: 0 },
            Choice { key: 'c', name: "nothing can be copied there: ask me questions", answer: 1 },
            Choice { key: 'g', name: "give up on this host", answer: 2 },
        ];
        match self.choose("Nothing was pasted. Paste again, cannot copy, give up?", CHOICES) {
            Some(Answered::With(0)) => None,
            Some(Answered::With(1)) => Some(Pasted::CannotCopy),
            Some(Answered::With(_)) => Some(Pasted::GivenUp),
            Some(Answered::Interrupted) => {
                self.interrupt();
                Some(Pasted::Interrupted)
            }
            None => Some(Pasted::NoTerminal),
        }
    }

    fn introduce_value(&self, parameter: &Parameter, candidates: &[Untrusted], wrong: Option<&str>) {
        self.show(|out| {
            out.newline()?;
            if let Some(wrong) = wrong {
                out.line("warning", wrong)?;
            }
            out.label("value name", parameter.name.as_str())?;
            out.text(": ")?;
            out.line("", &parameter.description)?;
            out.line("dim", &format!("  must match {}", parameter.pattern.0))?;
            for (at, candidate) in candidates.iter().enumerate() {
                out.text("  ")?;
                out.label("key", &format!("#{}", at + 1))?;
                out.text("  ")?;
                out.line("value", &human::cut(&candidate.for_terminal(), 60))?;
            }
            if !candidates.is_empty() {
                out.line("dim", "  The log gives several. Type #1 for the first, or another value.")?;
            }
            Ok(())
        });
    }
}

impl Approver for Person {
    fn approve(&mut self, consent: &Consent) -> Option<Answer> {
        const CHOICES: &[Choice<Answer>] = &[
            Choice { key: 'y', name: "yes, run it", answer: Answer::Yes },
            Choice { key: 'N', name: "no, and offer no more", answer: Answer::No },
            Choice { key: 's', name: "skip this one, go on to the next", answer: Answer::Skip },
            Choice { key: 'q', name: "quit", answer: Answer::Quit },
        ];
        self.terminal.as_ref()?;
        self.show(|out| {
            human::consent(out, consent)?;
            out.newline()
        });
        let what = if consent.is_fix { "Run it" } else { "Undo it" };
        match self.choose(&format!("{what} on `{}`?", consent.host), CHOICES)? {
            Answered::With(Answer::Yes) if consent.type_host.is_some() => {
                let says = consent.identity.as_ref().map(|identity| identity.host.for_terminal());
                Some(self.types_host(&says.unwrap_or_else(|| consent.host.to_string())))
            }
            Answered::With(answer) => Some(answer),
            Answered::Interrupted => {
                self.interrupt();
                Some(Answer::Quit)
            }
        }
    }

    fn value(
        &mut self,
        parameter: &Parameter,
        candidates: &[Untrusted],
        wrong: Option<&str>,
    ) -> Option<Vec<u8>> {
        self.terminal.as_ref()?;
        loop {
            self.introduce_value(parameter, candidates, wrong);
            let question = format!("{} = ", parameter.name);
            match self.line(parameter.secret, |out| out.label("question", &question)) {
                Typed::Text(line) if line.is_empty() => {
                    self.show(|out| out.line("dim", "A value is needed; Ctrl-D gives up."));
                }
                Typed::Text(line) => {
                    let chosen = line.strip_prefix(b"#").and_then(|number| {
                        let number: usize = std::str::from_utf8(number).ok()?.trim().parse().ok()?;
                        candidates.get(number.checked_sub(1)?)
                    });
                    return Some(chosen.map_or(line, |value| value.raw().to_vec()));
                }
                Typed::End => return None,
                Typed::Interrupted => {
                    self.interrupt();
                    return None;
                }
            }
        }
    }

    fn declared_checks(
        &mut self,
        host: &HostName,
        target: &str,
        scripts: &[(BlockId, &str)],
    ) -> Option<bool> {
        self.terminal.as_ref()?;
        self.show(|out| {
            out.newline()?;
            let text = format!(
                "The checks on `{host}` ({target}) cannot be held to reading by the kernel there. That they \
                 change nothing is the word of their author alone."
            );
            out.wrapped("", 0, &text)?;
            scripts.iter().try_for_each(|(block, text)| human::script(out, block.as_str(), text))?;
            out.newline()
        });
        match self.choose(&format!("Run these checks on `{host}`?"), YES_OR_NO)? {
            Answered::With(answer) => Some(answer),
            Answered::Interrupted => {
                self.interrupt();
                Some(false)
            }
        }
    }

    fn task(&mut self, text: &str) -> Option<Task> {
        const CHOICES: &[Choice<Task>] = &[
            Choice { key: 'd', name: "done", answer: Task::Done },
            Choice { key: 's', name: "skip it", answer: Task::Skip },
            Choice { key: 'q', name: "stop here", answer: Task::Stop },
        ];
        self.terminal.as_ref()?;
        self.show(|out| {
            out.newline()?;
            out.line("strong", "You do this:")?;
            out.wrapped("", 2, text)
        });
        match self.choose("Is it done?", CHOICES)? {
            Answered::With(answer) => Some(answer),
            Answered::Interrupted => {
                self.interrupt();
                Some(Task::Stop)
            }
        }
    }

    fn remedy(&mut self, fix: &BlockId, can_undo: bool) -> Option<Remedy> {
        const CHOICES: &[Choice<Remedy>] = &[
            Choice { key: 'w', name: "wait, then check again", answer: Remedy::Wait },
            Choice { key: 'k', name: "keep it as it is", answer: Remedy::Keep },
            Choice { key: 'u', name: "undo it", answer: Remedy::Undo },
        ];
        let choices = if can_undo { CHOICES } else { &CHOICES[..2] };
        self.terminal.as_ref()?;
        self.show(|out| {
            out.newline()?;
            out.line("outcome bad", &format!("`{fix}` was run, and its checks are not healthy."))
        });
        let question = if can_undo { "Wait, undo it, or keep it?" } else { "Wait, or keep it?" };
        match self.choose(question, choices)? {
            Answered::With(answer) => Some(answer),
            Answered::Interrupted => {
                self.interrupt();
                Some(Remedy::Keep)
            }
        }
    }
}

impl Console for Person {
    fn say(&mut self, text: &str) {
        self.show(|out| {
            let (screen, text) = (out.screen(), text.to_owned());
            text.lines().try_for_each(|line| {
                crate::render::style::wrap(line, screen.width).iter().try_for_each(|line| out.line("", line))
            })
        });
    }

    fn show_block(&mut self, block: &str) {
        self.show(|out| {
            out.newline()?;
            out.text(block)?;
            if !block.ends_with('\n') {
                out.newline()?;
            }
            out.newline()
        });
    }

    fn paste(&mut self, end: &str) -> Pasted {
        let Some(terminal) = self.terminal.clone() else { return Pasted::NoTerminal };
        loop {
            let request =
                "Paste what it printed. It ends by itself after the last line; Ctrl-D ends it too.\n";
            let typed = terminal.borrow_mut().paste(|out| out.label("question", request), end.as_bytes());
            match typed {
                Ok(Typed::Text(text)) if !text.trim_ascii().is_empty() => return Pasted::Text(text),
                Ok(Typed::Text(_) | Typed::End) => {}
                Ok(Typed::Interrupted) => {
                    self.interrupt();
                    return Pasted::Interrupted;
                }
                Err(_) => return Pasted::NoTerminal,
            }
            if let Some(pasted) = self.nothing_pasted() {
                return pasted;
            }
        }
    }

    fn ask(&mut self, question: &str) -> YesNo {
        const CHOICES: &[Choice<YesNo>] = &[
            Choice { key: 'y', name: "yes", answer: YesNo::Yes },
            Choice { key: 'n', name: "no", answer: YesNo::No },
            Choice { key: '?', name: "cannot tell", answer: YesNo::CannotTell },
        ];
        match self.choose(question, CHOICES) {
            Some(Answered::With(answer)) => answer,
            Some(Answered::Interrupted) => {
                self.interrupt();
                YesNo::Interrupted
            }
            None => YesNo::Interrupted,
        }
    }
}
