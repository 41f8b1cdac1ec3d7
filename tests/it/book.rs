//! Books in a real browser: every file of `tests/cases/book` is one book, and its scripts look at it.
//!
//! Blocks with `file=NAME` are files of the project (`file=runbooks/x.md`), whichever case they stand in;
//! one with `rewrite=NAME` is written when its place is reached.
//! A block `js page=PATH` opens a page of the book, as a file or with the word `served` from `kb book
//! serve`, and runs as the body of a function; one without `page=` goes on in the page that is open. The
//! words `dark`, `print` and `width=390` say how it is looked at, `axe` loads what judges it. What it
//! returns must be the `expect` block that follows, and below it stand errors on the console, dialogs and
//! requests to anywhere else: none, when all is well. With `KB_PICTURES=DIR` each script leaves a picture
//! of its page there. A block `http` is sent to the server as it is; of its answer the first line is
//! shown, and the last of its body. After one with the word `half` the client hangs up.

#![expect(clippy::disallowed_methods, reason = "a test starts the program it tests")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use crate::axe;
use crate::browser::{Browser, Look};
use crate::cases::{self, Block, Case, Result};
use crate::console::Sandbox;

/// Runs one file of cases.
pub(crate) fn file(path: &Path, text: String) -> Result {
    let Some(browser) = Browser::start() else { return Ok(()) };
    let files: Vec<Block> = cases::read(&text).into_iter().flat_map(|case| case.blocks).collect();
    let sandbox = Sandbox::new(&Case { title: "files".into(), blocks: files });
    let mut reader = Reader { browser, sandbox, built: None, served: None };
    cases::check(path, &text, |case| {
        let mut answers = Vec::new();
        for (at, block) in case.blocks.iter().enumerate() {
            if let Some(name) = block.key("rewrite") {
                std::fs::write(reader.sandbox.folder().join(name), &block.text).expect("written");
            }
            match block.kind() {
                "js" if has(block, "axe") && axe::source().is_none() => {
                    answers.push(case.blocks.get(at + 1).map_or_else(String::new, |next| next.text.clone()));
                }
                "js" => {
                    answers.push(reader.look(block));
                    picture(&mut reader.browser, path, &format!("{}-{at}", case.title));
                }
                "http" => answers.push(reader.send(&block.text, has(block, "half"))),
                _ => {}
            }
        }
        answers
    })
}

fn has(block: &Block, word: &str) -> bool {
    block.info.split_whitespace().any(|one| one == word)
}

/// A browser, and the book that it reads: built or served when it is first asked for.
struct Reader {
    browser: Browser,
    sandbox: Sandbox,
    built: Option<String>,
    served: Option<Served>,
}

impl Reader {
    fn look(&mut self, script: &Block) -> String {
        if let Some(page) = script.key("page") {
            let home = if has(script, "served") { self.served().url.clone() } else { self.built() };
            let width = script.key("width").map_or(0, |width| width.parse().expect("pixels"));
            let look = Look { width, dark: has(script, "dark"), print: has(script, "print") };
            self.browser.open(&format!("{home}{page}"), &home, look);
        }
        if has(script, "axe") {
            self.browser.load(axe::source().unwrap_or_default());
        }
        let mut out = self.browser.ask(&script.text);
        for report in self.browser.reports() {
            if !out.is_empty() && !out.ends_with('\n') {
                out.push('\n');
            }
            out.push_str(&report);
        }
        self.hide(&out)
    }

    fn hide(&self, text: &str) -> String {
        let nonce = regex::Regex::new("nonce-[0-9a-f]{24}").expect("the pattern is a constant");
        let text = nonce.replace_all(&self.sandbox.hide(text), "nonce-[NONCE]").into_owned();
        self.served.as_ref().map_or_else(|| text.clone(), |served| text.replace(&served.url, "[SERVER]/"))
    }

    fn built(&mut self) -> String {
        let (sandbox, folder) = (&self.sandbox, self.sandbox.folder().join("out"));
        let build = || {
            let output = sandbox.command("kb").args(["book", "build", "--dest-dir", "out"]).output();
            let output = output.expect("kb starts");
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            format!("file://{}/", folder.display())
        };
        self.built.get_or_insert_with(build).clone()
    }

    fn served(&mut self) -> &Served {
        self.served.get_or_insert_with(|| Served::start(&self.sandbox))
    }

    /// The first line of what the server answers, and the last of its body.
    fn send(&mut self, request: &str, half: bool) -> String {
        let url = self.served().url.clone();
        let address = url.trim_start_matches("http://").trim_end_matches('/');
        let mut stream = TcpStream::connect(address).expect("the server listens");
        stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a limit");
        let request = request.replace("[HOST]", address).replace('\n', "\r\n");
        stream.write_all(request.as_bytes()).expect("sent");
        if half {
            return "hung up".into();
        }
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        let answer = String::from_utf8_lossy(&answer);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        let status = head.lines().next().unwrap_or("no answer");
        format!("{status}\n{}", body.lines().next_back().unwrap_or(""))
    }
}

/// A server, ended with its value.
struct Served {
    child: Child,
    url: String,
}

impl Served {
    fn start(sandbox: &Sandbox) -> Self {
        let mut command = sandbox.command("kb");
        command.args(["book", "serve", "--port", "0"]).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().expect("kb starts");
        let mut url = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("a pipe"));
        output.read_line(&mut url).expect("the address of the server");
        Self { child, url: url.trim().to_owned() }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn picture(browser: &mut Browser, path: &Path, title: &str) {
    let Some(folder) = std::env::var_os("KB_PICTURES").map(PathBuf::from) else { return };
    let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or("book");
    let title: String = title.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    browser.picture(&folder.join(format!("{stem}-{title}.png")));
}
