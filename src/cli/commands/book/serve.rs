//! `kb book serve`: the book on this machine, made anew when a runbook changes.
//!
//! One thread looks at the files and makes the book; the server only ever shows a whole one. A page whose
//! text alone changed is shown before the index of the search is made again.

use std::collections::BTreeSet;
use std::net::{SocketAddr, TcpListener, ToSocketAddrs as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use super::server::{self, Lectern, Versions};
use crate::book::site::{self, About};
use crate::book::{self, Item};
use crate::cli::args::BookServe;
use crate::cli::context::Context;
use crate::cli::error::{CommandError, Failed};
use crate::cli::exit::FoundExit;
use crate::disk::Stamp;
use crate::render::human::plural;
use crate::runbook::KnowledgeBase;

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Serves until Ctrl-C.
pub(super) fn run(context: &Context, args: &BookServe) -> Result<ExitCode, CommandError> {
    let listener = listen(args)?;
    let address = listener.local_addr()?;
    let mut author = Author::new(context, &args.title)?;
    let lectern = {
        let (files, base) = (author.whole()?, Arc::clone(&author.base));
        Arc::new(Lectern::new(files, &versions(&author.items), base, &context.environment))
    };
    let url = format!("http://{address}/");
    context.ui.answer(|out| out.line("", &url))?;
    context.ui.hint("Ctrl-C ends it.");
    if !address.ip().is_loopback() {
        context.ui.warning("Everybody who reaches this address can read the book and match logs here.");
    }
    if args.open {
        context.ui.open(&url);
    }
    std::thread::scope(|scope| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let server = server::Server::new(listener, Arc::clone(&lectern))?;
        let stop = Arc::clone(&lectern);
        scope.spawn(move || author.watch(&lectern));
        let ended = runtime.block_on(server.run());
        stop.close();
        // A log that is being matched need not be finished for nobody.
        runtime.shutdown_background();
        ended
    })?;
    Ok(FoundExit::Good.into())
}

fn listen(args: &BookServe) -> Result<TcpListener, CommandError> {
    let host = args.hostname.trim_start_matches('[').trim_end_matches(']');
    let failed = |error| {
        CommandError::usage(Failed::new(format!("listen on `{}` port {}", args.hostname, args.port), error))
            .hint("`--port 0` takes any port that is free.")
    };
    let addresses: Vec<SocketAddr> = (host, args.port).to_socket_addrs().map_err(failed)?.collect();
    TcpListener::bind(addresses.as_slice()).map_err(failed)
}

/// Makes the book, and makes it again.
struct Author<'a> {
    context: &'a Context,
    title: &'a str,
    base: Arc<KnowledgeBase>,
    items: Vec<Item>,
    about: About,
    /// What the files looked like when they were read.
    seen: Vec<(PathBuf, Stamp)>,
}

impl<'a> Author<'a> {
    fn new(context: &'a Context, title: &'a str) -> Result<Self, CommandError> {
        let seen = context.list();
        let base = Arc::new(context.base()?.clone());
        let (items, about) = (super::contents(context, &base), About::new(title, &base, true));
        Ok(Self { context, title, base, items, about, seen })
    }

    fn whole(&self) -> Result<site::Files, CommandError> {
        super::files(&self.items, &self.about, &self.base)
    }

    /// Looks at the files until the server has ended.
    fn watch(&mut self, lectern: &Lectern) {
        while !lectern.closed() {
            std::thread::sleep(LOOK_EVERY);
            let now = self.context.list();
            if now != self.seen {
                self.seen = now;
                if let Err(error) = self.again(lectern) {
                    self.context.ui.error(&error);
                    self.context.ui.note("The book is shown as it was.");
                }
            }
        }
    }

    fn again(&mut self, lectern: &Lectern) -> Result<(), CommandError> {
        let base = Arc::new(self.context.with(Vec::new())?);
        let items = super::contents(self.context, &base);
        let about = About::new(self.title, &base, true);
        let changed = changed(&self.items, &items);
        (self.base, self.items, self.about) = (base, items, about);
        if let Some(changed) = &changed {
            if changed.is_empty() {
                return Ok(());
            }
            let pages = site::pages(&self.items, &self.about, changed, &lectern.names());
            let pages = pages.map_err(CommandError::usage)?;
            lectern.show_pages(pages, &versions(&self.items));
        }
        lectern.show(self.whole()?, &versions(&self.items), Arc::clone(&self.base));
        let what = match changed {
            Some(changed) => plural(changed.len() as u64, "page"),
            None => "the table of contents".to_owned(),
        };
        self.context.ui.note(&format!("Made anew: {what}."));
        Ok(())
    }
}

/// What a browser compares: the text of each page, whatever stands around it.
fn versions(items: &[Item]) -> Versions {
    let version = |text: &str| blake3::hash(text.as_bytes()).to_hex()[..16].to_owned();
    let chapters = book::chapters(items);
    chapters.map(|chapter| (chapter.path.replace(".md", ".html"), version(&chapter.content))).collect()
}

/// The pages whose text changed; `None` when the table of contents did.
fn changed(old: &[Item], new: &[Item]) -> Option<BTreeSet<String>> {
    let titles = |items: &[Item]| -> Vec<(String, String)> {
        book::chapters(items).map(|chapter| (chapter.path.clone(), chapter.title.clone())).collect()
    };
    if titles(old) != titles(new) {
        return None;
    }
    let pairs = book::chapters(old).zip(book::chapters(new));
    Some(pairs.filter(|(old, new)| old != new).map(|(_, new)| new.path.clone()).collect())
}
