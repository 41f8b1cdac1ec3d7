//! A real Chromium, spoken to in its own protocol through a pipe: no port, no driver, no crate.
//!
//! Knows how a page is opened, asked and watched. What a page reports by itself (errors on its console,
//! dialogs, requests to anywhere else) is collected, so that a test need not think of it.

#![expect(clippy::disallowed_methods, reason = "a test starts the browser it looks through")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::sshd::which;

/// What a test may call besides the page itself; see `browser.js`.
const PRELUDE: &str = include_str!("browser.js");

/// A page that takes longer than this has hung.
const PATIENCE: Duration = Duration::from_mins(1);

/// A browser with one tab. It ends with its value.
pub(crate) struct Browser {
    child: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    last_id: u64,
    session: Option<String>,
    /// Questions of the page that Chromium has not answered: its id, the id in the page.
    asked: BTreeMap<u64, u64>,
    loaded: bool,
    /// Where requests may go: the beginnings of addresses.
    home: String,
    reports: Vec<String>,
    _profile: tempfile::TempDir,
}

/// How a page is looked at.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Look {
    /// Columns of the screen in CSS pixels; 0: 1280.
    pub(crate) width: u32,
    /// The person prefers a dark screen.
    pub(crate) dark: bool,
    /// The page as it is printed.
    pub(crate) print: bool,
}

impl Browser {
    /// Starts one; installs Debian's package as root. `None`, said loudly, where there is none.
    pub(crate) fn start() -> Option<Self> {
        let program = installed()?;
        let profile = tempfile::tempdir().expect("a folder");
        // The pipe is expected on descriptors 3 and 4.
        let mut command = Command::new("/bin/sh");
        command.args(["-c", "exec \"$@\" 3<&0 4>&1 </dev/null >/dev/null", "sh"]).arg(program);
        command.args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]);
        command.args(["--disable-background-networking", "--disable-component-update", "--disable-sync"]);
        command.args(["--disable-quic", "--hide-scrollbars", "--remote-debugging-pipe"]);
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        command.env("HOME", profile.path()).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::null()).spawn().expect("chromium starts");
        let input = child.stdin.take();
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, messages) = mpsc::channel();
        std::thread::spawn(move || {
            let mut message = Vec::new();
            while output.read_until(0, &mut message).is_ok_and(|count| count > 0) {
                message.pop();
                let parsed = serde_json::from_slice(&message).expect("a message of Chromium is JSON");
                if sender.send(parsed).is_err() {
                    return;
                }
                message.clear();
            }
        });
        Some(Self {
            child,
            input,
            messages,
            last_id: 0,
            session: None,
            asked: BTreeMap::new(),
            loaded: false,
            home: String::new(),
            reports: Vec::new(),
            _profile: profile,
        })
    }

    /// Opens a page in a new tab. Requests to anything that does not begin with `home` are reported.
    pub(crate) fn open(&mut self, url: &str, home: &str, look: Look) {
        self.reports.clear();
        home.clone_into(&mut self.home);
        self.session = None;
        let context = self.call("Target.createBrowserContext", json!({}))["browserContextId"].clone();
        let new = json!({ "url": "about:blank", "browserContextId": context });
        let tab = self.call("Target.createTarget", new)["targetId"].clone();
        let session = self.call("Target.attachToTarget", json!({ "targetId": tab, "flatten": true }));
        self.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            self.call(&format!("{domain}.enable"), json!({}));
        }
        self.call("Runtime.addBinding", json!({ "name": "__kbAsk" }));
        // Tabs opened before may have the focus, and only a page that has it may use the clipboard.
        self.call("Page.bringToFront", json!({}));
        self.call("Emulation.setFocusEmulationEnabled", json!({ "enabled": true }));
        let width = if look.width == 0 { 1280 } else { look.width };
        let screen = json!({ "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600 });
        self.call("Emulation.setDeviceMetricsOverride", screen);
        let scheme = if look.dark { "dark" } else { "light" };
        let media = if look.print { "print" } else { "" };
        let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
        self.call("Emulation.setEmulatedMedia", json!({ "media": media, "features": features }));
        self.loaded = false;
        self.call("Page.navigate", json!({ "url": url }));
        self.wait_until(|browser| browser.loaded, "the page is loaded");
    }

    /// Runs the body of an async function in the page and gives what it returns as text.
    pub(crate) fn ask(&mut self, script: &str) -> String {
        let expression = format!("(async () => {{ {PRELUDE}\n{script}\n}})()");
        let asked = json!({
            "expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true
        });
        let mut answer = self.call("Runtime.evaluate", asked.clone());
        // A page that was loaded anew in the middle is asked again.
        for _ in 0..5 {
            let text = answer["exceptionDetails"]["text"].as_str().unwrap_or("");
            if !["navigated", "context was destroyed", "Cannot find context"]
                .iter()
                .any(|why| text.contains(why))
            {
                break;
            }
            answer = self.call("Runtime.evaluate", asked.clone());
        }
        if let Some(details) = answer.get("exceptionDetails") {
            return format!("threw: {}", exception(details));
        }
        match &answer["result"]["value"] {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        }
    }

    /// What the page reported by itself since it was opened, sorted: the order is up to the browser.
    pub(crate) fn reports(&mut self) -> Vec<String> {
        // Whatever the page did last has been told when this is answered.
        self.call("Runtime.evaluate", json!({ "expression": "0" }));
        self.reports.sort();
        std::mem::take(&mut self.reports)
    }

    /// Runs a script of a library in the page, whose policy has no say in it.
    pub(crate) fn load(&mut self, library: &str) {
        self.call("Runtime.evaluate", json!({ "expression": library }));
    }

    /// A picture of the whole page.
    pub(crate) fn picture(&mut self, path: &Path) {
        let wanted = json!({ "format": "png", "captureBeyondViewport": true });
        let picture = self.call("Page.captureScreenshot", wanted);
        let data = picture["data"].as_str().expect("a picture");
        std::fs::write(path, decode(data)).expect("written");
    }

    fn call(&mut self, method: &str, params: Value) -> Value {
        let id = self.send(method, params);
        let until = Instant::now() + PATIENCE;
        loop {
            let message = self.next(until, method);
            if message["id"].as_u64() == Some(id) {
                if let Some(error) = message.get("error") {
                    return json!({ "exceptionDetails": { "text": format!("{method}: {error}") } });
                }
                return message["result"].clone();
            }
            self.note(&message);
        }
    }

    fn wait_until(&mut self, done: impl Fn(&Self) -> bool, what: &str) {
        let until = Instant::now() + PATIENCE;
        while !done(self) {
            let message = self.next(until, what);
            self.note(&message);
        }
    }

    fn next(&mut self, until: Instant, what: &str) -> Value {
        let left = until.saturating_duration_since(Instant::now());
        match self.messages.recv_timeout(left) {
            Ok(message) => message,
            Err(error) => panic!("Chromium does not answer ({what}): {error}; so far: {:?}", self.reports),
        }
    }

    fn send(&mut self, method: &str, params: Value) -> u64 {
        self.last_id += 1;
        let mut message = json!({ "id": self.last_id, "method": method, "params": params });
        if let Some(session) = self.session.as_ref().filter(|_| !method.starts_with("Target.")) {
            message["sessionId"] = json!(session);
        }
        let mut bytes = message.to_string().into_bytes();
        bytes.push(0);
        self.input.as_mut().expect("open").write_all(&bytes).expect("Chromium reads");
        self.last_id
    }

    /// An event, or the answer to what the page asked for.
    fn note(&mut self, message: &Value) {
        if let Some(question) = message["id"].as_u64().and_then(|id| self.asked.remove(&id)) {
            let answer = if message["error"].is_null() { &message["result"] } else { &message["error"] };
            let expression = format!("globalThis.__kbAnswer({question}, {answer})");
            self.send("Runtime.evaluate", json!({ "expression": expression }));
            return;
        }
        if message["sessionId"].as_str() != self.session.as_deref() {
            return;
        }
        let params = &message["params"];
        let report = match message["method"].as_str().unwrap_or("") {
            "Page.loadEventFired" => {
                self.loaded = true;
                None
            }
            "Runtime.bindingCalled" => {
                self.pass_on(params["payload"].as_str().unwrap_or("{}"));
                None
            }
            "Page.javascriptDialogOpening" => {
                self.send("Page.handleJavaScriptDialog", json!({ "accept": true }));
                Some(format!("dialog: {}", params["message"]))
            }
            "Runtime.exceptionThrown" => {
                Some(format!("exception: {}", exception(&params["exceptionDetails"])))
            }
            "Runtime.consoleAPICalled"
                if matches!(params["type"].as_str(), Some("error" | "warning" | "assert")) =>
            {
                Some(format!("console: {}", params["args"]))
            }
            "Log.entryAdded" if params["entry"]["level"] == "error" => {
                let (text, url) = (&params["entry"]["text"], &params["entry"]["url"]);
                // Whether the page's own address stands beside what its policy forbids is up to the version.
                let forbidden = text.as_str().is_some_and(|text| text.contains("Content Security Policy"));
                Some(if forbidden { format!("log: {text}") } else { format!("log: {text} {url}") })
            }
            "Network.requestWillBeSent" => {
                let url = params["request"]["url"].as_str().unwrap_or("");
                let inside = ["data:", "blob:", &self.home].iter().any(|start| url.starts_with(start));
                (!inside).then(|| format!("request: {url}"))
            }
            _ => None,
        };
        self.reports.extend(report);
    }

    /// A page may ask for anything of the protocol: keys, files to drop, the size of the screen.
    fn pass_on(&mut self, question: &str) {
        let question: Value = serde_json::from_str(question).expect("`browser.js` asks in JSON");
        let method = question["method"].as_str().expect("a method").to_owned();
        let id = self.send(&method, question["params"].clone());
        self.asked.insert(id, question["id"].as_u64().expect("an id"));
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // At the end of the pipe Chromium ends itself, with all its processes.
        self.input = None;
        let until = Instant::now() + Duration::from_secs(5);
        while Instant::now() < until {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn exception(details: &Value) -> String {
    let described = details["exception"]["description"].as_str();
    described.or(details["text"].as_str()).unwrap_or("?").lines().next().unwrap_or("").to_owned()
}

fn installed() -> Option<std::path::PathBuf> {
    if let Some(program) = which("chromium") {
        return Some(program);
    }
    if rustix::process::geteuid().is_root() && which("apt-get").is_some() {
        let mut install = Command::new("apt-get");
        install.args(["install", "-y", "-q", "--no-install-recommends", "chromium"]);
        let _ = install.env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null()).status();
    }
    let program = which("chromium");
    if program.is_none() {
        skip("`chromium` is missing and cannot be installed");
    }
    program
}

/// Says that a test did nothing; with `CI` set that is a failure.
#[expect(clippy::print_stderr, reason = "a test that does nothing must be seen to")]
pub(crate) fn skip(why: &str) {
    assert!(std::env::var_os("CI").is_none(), "nothing is skipped with CI set: {why}");
    eprintln!("SKIPPED: a test in a browser did nothing: {why}");
}

/// Base64 as Chromium writes it.
fn decode(text: &str) -> Vec<u8> {
    let value = |byte: u8| match byte {
        b'A'..=b'Z' => Some(byte - b'A'),
        b'a'..=b'z' => Some(byte - b'a' + 26),
        b'0'..=b'9' => Some(byte - b'0' + 52),
        b'+' => Some(62),
        b'/' => Some(63),
        _ => None,
    };
    let bits: Vec<u8> = text.bytes().filter_map(value).collect();
    let join = |four: &[u8]| {
        let all = four.iter().fold(0_u32, |all, six| all << 6 | u32::from(*six)) << (6 * (4 - four.len()));
        all.to_be_bytes()[1..four.len()].to_vec()
    };
    bits.chunks(4).flat_map(join).collect()
}
