//! Tests of a host done by hand: what a person may answer besides a whole paste.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use super::*;

struct Script {
    pastes: VecDeque<Pasted>,
    answers: VecDeque<YesNo>,
    said: Rc<RefCell<String>>,
}

impl Console for Script {
    fn say(&mut self, text: &str) {
        self.said.borrow_mut().push_str(text);
    }

    fn show_block(&mut self, block: &str) {
        self.said.borrow_mut().push_str(block);
    }

    fn paste(&mut self, end: &str) -> Pasted {
        let nonce = end.strip_prefix("KB-").unwrap().strip_suffix(" done").unwrap();
        match self.pastes.pop_front().unwrap() {
            Pasted::Text(text) => {
                Pasted::Text(String::from_utf8(text).unwrap().replace("NONCE", nonce).into_bytes())
            }
            other => other,
        }
    }

    fn ask(&mut self, question: &str) -> YesNo {
        self.said.borrow_mut().push_str(question);
        self.answers.pop_front().unwrap_or(YesNo::No)
    }
}

fn host(pastes: Vec<Pasted>, answers: Vec<YesNo>) -> (ByHand<'static>, Rc<RefCell<String>>) {
    let said = Rc::new(RefCell::new(String::new()));
    let script = Script { pastes: pastes.into(), answers: answers.into(), said: Rc::clone(&said) };
    (ByHand::new("guest", "n", Rc::new(RefCell::new(script))), said)
}

fn command(script: &str) -> Command {
    Command {
        label: "check a".into(),
        interpreter: Interpreter::Sh,
        script: Arc::from(script),
        environment: Vec::new(),
        root: false,
        access: Access::Read { unix: false, net: false, tmp: false, processes: false },
        needs: Vec::new(),
        systems: Vec::new(),
        time: Duration::from_secs(1),
        output_bytes_max: 1000,
        questions: vec!["Is it bad?".into(), "Is it good?".into()],
        secrets: Vec::new(),
        undoes: false,
    }
}

fn text(paste: &str) -> Pasted {
    Pasted::Text(paste.as_bytes().to_vec())
}

const WHOLE: &str =
    "KB-NONCE who\nLinux\n6\nbox\nroot\nKB-NONCE begin 0\nout\n\nKB-NONCE end 0 0\nKB-NONCE done\n";

#[test]
fn a_cut_paste_is_asked_for_again() {
    let (mut host, said) = host(vec![text("KB-NONCE who\nLinux\n"), text(WHOLE)], Vec::new());
    let outputs = host.run(&[command("x")]).unwrap();
    assert_eq!(outputs[0].ending, Ending::Exited(0));
    assert!(said.borrow().contains("something was cut off"));
    assert_eq!(host.identify().unwrap().unwrap().user, "root");
}

#[test]
fn a_paste_that_stays_cut_is_not_known() {
    let cut = || text("KB-NONCE begin 0\nout\n");
    let (mut host, _) = host(vec![cut(), cut(), cut()], Vec::new());
    let outputs = host.run(&[command("x")]).unwrap();
    assert!(matches!(outputs[0].ending, Ending::NotKnown(_)), "{:?}", outputs[0]);
}

#[test]
fn where_nothing_can_be_copied_the_rules_are_questions() {
    let (mut host, said) = host(vec![Pasted::CannotCopy], vec![YesNo::No, YesNo::Yes]);
    let outputs = host.run(&[command("x")]).unwrap();
    assert_eq!(outputs[0].ending, Ending::Said(Said { rule: Some(1) }));
    assert!(said.borrow().ends_with("Is it bad?Is it good?"));
}

#[test]
fn who_cannot_tell_says_nothing() {
    let (mut host, _) = host(vec![Pasted::CannotCopy], vec![YesNo::CannotTell, YesNo::Yes]);
    let outputs = host.run(&[command("x")]).unwrap();
    assert_eq!(outputs[0].ending, Ending::Said(Said { rule: None }));
}

#[test]
fn giving_up_is_not_known_and_no_terminal_is_an_error() {
    let (mut host_one, _) = host(vec![Pasted::GivenUp], Vec::new());
    assert!(matches!(host_one.run(&[command("x")]).unwrap()[0].ending, Ending::NotKnown(_)));
    let (mut host_two, _) = host(vec![Pasted::NoTerminal], Vec::new());
    assert!(matches!(host_two.run(&[command("x")]), Err(TargetError::NoTerminal { .. })));
}

#[test]
fn a_script_that_a_terminal_would_act_on_is_not_shown() {
    let (mut host, said) = host(Vec::new(), Vec::new());
    let outputs = host.run(&[command("echo \x1b[2J")]).unwrap();
    assert!(matches!(outputs[0].ending, Ending::Refused(_)));
    assert!(said.borrow().is_empty());
}

#[test]
fn a_second_batch_runs_on_the_same_host_only() {
    let elsewhere = text("KB-NONCE who\nLinux\n6\nother\nroot\nKB-NONCE elsewhere\nKB-NONCE done\n");
    let (mut host, said) = host(vec![text(WHOLE), elsewhere], Vec::new());
    host.run(&[command("x")]).unwrap();
    let outputs = host.run(&[command("y")]).unwrap();
    assert!(said.borrow().contains("kb_expected='box'"));
    let Ending::Refused(why) = &outputs[0].ending else { panic!("{:?}", outputs[0]) };
    assert!(why.contains("`other`") && why.contains("`box`"), "{why}");
}

fn with_secret(script: &str, interpreter: Interpreter) -> Command {
    let secret = ("code".to_owned(), b"hunter2".to_vec());
    let environment = if interpreter == Interpreter::Sh { vec![secret.clone()] } else { Vec::new() };
    Command { interpreter, environment, secrets: vec![secret], ..command(script) }
}

#[test]
fn a_block_asks_for_a_secret_and_does_not_hold_it() {
    for pastes in [vec![text(WHOLE)], vec![Pasted::CannotCopy]] {
        let (mut host, said) = host(pastes, Vec::new());
        host.run(&[with_secret("use \"$code\"", Interpreter::Sh)]).unwrap();
        let said = said.borrow();
        assert!(!said.contains("hunter2"), "{said}");
        assert!(said.contains("IFS= read -r"), "{said}");
    }
}

#[test]
fn a_line_for_a_device_with_a_secret_does_nothing_as_it_is() {
    let paste = "asa1# ! KB-NONCE begin 0\nasa1# ! KB-NONCE end 0\nasa1# ! KB-NONCE done\n";
    let (mut host, said) = host(vec![text(paste)], Vec::new());
    host.run(&[with_secret(
        "tunnel-group x ipsec-attributes\nikev1 pre-shared-key <code>",
        Interpreter::Device,
    )])
    .unwrap();
    assert!(!said.borrow().contains("hunter2"));
    assert!(said.borrow().contains("\n! type yourself: ikev1 pre-shared-key <code>\n"), "{}", said.borrow());
    assert_eq!(host.identify().unwrap().unwrap().host.for_terminal(), "asa1");
}

#[test]
fn another_device_is_noticed_by_its_prompt() {
    let paste = |name: &str| {
        text(&format!("{name}# ! KB-NONCE begin 0\n{name}# ! KB-NONCE end 0\n{name}# ! KB-NONCE done\n"))
    };
    let (mut host, said) = host(vec![paste("asa1"), paste("asa2"), paste("asa2")], Vec::new());
    let check = Command { interpreter: Interpreter::Device, ..command("show version") };
    let change = Command { access: Access::Change, ..check.clone() };
    assert_eq!(host.run(std::slice::from_ref(&check)).unwrap()[0].ending, Ending::Exited(0));
    assert!(matches!(&host.run(&[check]).unwrap()[0].ending, Ending::Refused(why) if why.contains("`asa2`")));
    assert!(
        matches!(&host.run(&[change]).unwrap()[0].ending, Ending::NotKnown(why) if why.contains("look at both"))
    );
    assert!(said.borrow().contains("On the console of `guest` (`asa1`)"));
}
