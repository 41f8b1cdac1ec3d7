//! The server of `kb book serve`: pages out of memory, and the matching of a log.
//!
//! A page is looked up by its name in the book that is shown, so no name leads to a file of this machine.
//! Knows HTTP; the book is made elsewhere.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, Query, Request, State};
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::{get, post};
use jiff::tz::TimeZone;
use tokio::sync::watch;

use crate::book::site::{Files, Names};
use crate::cli::env::{self, Environment};
use crate::proof;
use crate::render::json;
use crate::runbook::KnowledgeBase;
use crate::signature::SignatureSet;
use crate::triage::{self, Input, Options, Suggest};

/// The longest log that is taken; longer ones are for `kb match` itself.
const LOG_BYTES_MAX: usize = 64 << 20;

/// A browser that asks whether its page changed is answered at least so often.
const ANSWER_AFTER: Duration = Duration::from_secs(25);

/// As many results as `kb match` shows.
const TOP: usize = 10;

/// Which text each page has.
pub(super) type Versions = BTreeMap<String, String>;

/// The book that is shown.
pub(super) struct Lectern {
    shown: RwLock<Arc<Shown>>,
    /// Counts the books that were shown.
    turned: watch::Sender<u64>,
    zone: TimeZone,
    closed: AtomicBool,
}

struct Shown {
    files: BTreeMap<String, File>,
    matcher: Arc<Matcher>,
}

/// The runbooks, and what finds them in a log.
struct Matcher {
    base: Arc<KnowledgeBase>,
    signatures: SignatureSet,
}

#[derive(Clone)]
struct File {
    bytes: Bytes,
    version: String,
}

impl Lectern {
    /// With a first book.
    pub(super) fn new(
        files: Files,
        versions: &Versions,
        base: Arc<KnowledgeBase>,
        environment: &Environment,
    ) -> Self {
        let shown = RwLock::new(Arc::new(Shown::new(files, versions, base)));
        let (turned, zone) = (watch::Sender::new(0), environment.zone.clone());
        Self { shown, turned, zone, closed: AtomicBool::new(false) }
    }

    /// Shows another book.
    pub(super) fn show(&self, files: Files, versions: &Versions, base: Arc<KnowledgeBase>) {
        self.put(Shown::new(files, versions, base));
    }

    /// Shows other pages in the book that is shown; everything else stays as it is.
    pub(super) fn show_pages(&self, pages: Files, versions: &Versions) {
        let shown = self.shown();
        let mut files = shown.files.clone();
        files.extend(with_versions(pages, versions));
        self.put(Shown { files, matcher: Arc::clone(&shown.matcher) });
    }

    fn put(&self, shown: Shown) {
        *self.shown.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(shown);
        self.turned.send_modify(|count| *count += 1);
    }

    fn shown(&self) -> Arc<Shown> {
        Arc::clone(&self.shown.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The names of files that pages need.
    pub(super) fn names(&self) -> Names {
        Names::of(self.shown().files.keys().map(String::as_str))
    }

    /// The server has ended.
    pub(super) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
    }

    pub(super) fn closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// The version of a page; `gone` where there is none.
    fn version(&self, page: &str) -> String {
        self.shown().files.get(page).map_or_else(|| "gone".to_owned(), |file| file.version.clone())
    }
}

impl Shown {
    fn new(files: Files, versions: &Versions, base: Arc<KnowledgeBase>) -> Self {
        let noise = || proof::noise(proof::NOISE_SEED, proof::NOISE_BYTES);
        let signatures = SignatureSet::compile_against(&base, noise);
        Self { files: with_versions(files, versions), matcher: Arc::new(Matcher { base, signatures }) }
    }
}

/// A page says its own version, and asks whether there is another.
fn with_versions(files: Files, versions: &Versions) -> BTreeMap<String, File> {
    const HEAD: &str = "<head>";
    let named = files.into_iter().filter_map(|(path, bytes)| {
        let name = path.to_str()?.to_owned();
        let version = versions.get(&name).cloned().unwrap_or_default();
        let bytes = if mime(&name).starts_with("text/html") {
            let live = format!("{HEAD}<meta name=\"kb-live\" content=\"{version}\">");
            String::from_utf8_lossy(&bytes).replacen(HEAD, &live, 1).into()
        } else {
            bytes.into()
        };
        Some((name, File { bytes, version }))
    });
    named.collect()
}

/// A server that is bound to its address.
pub(super) struct Server {
    listener: TcpListener,
    address: SocketAddr,
    lectern: Arc<Lectern>,
}

impl Server {
    pub(super) fn new(listener: TcpListener, lectern: Arc<Lectern>) -> std::io::Result<Self> {
        listener.set_nonblocking(true)?;
        Ok(Self { address: listener.local_addr()?, listener, lectern })
    }

    /// Answers until Ctrl-C.
    pub(super) async fn run(self) -> std::io::Result<()> {
        let routes = Router::new()
            .route("/", get(first_page))
            .route("/api/changed", get(changed))
            .route("/api/match", post(match_log))
            .route("/{*path}", get(page))
            .layer(DefaultBodyLimit::max(LOG_BYTES_MAX))
            .layer(middleware::from_fn_with_state(self.address, guard))
            .with_state(self.lectern);
        let listener = tokio::net::TcpListener::from_std(self.listener)?;
        tokio::select! {
            ended = async { axum::serve(listener, routes).await } => ended,
            stopped = tokio::signal::ctrl_c() => stopped,
        }
    }
}

async fn guard(State(address): State<SocketAddr>, request: Request, next: Next) -> Response {
    if !is_ours(address, &request) {
        return (StatusCode::FORBIDDEN, "This address is for this machine only.\n").into_response();
    }
    let mut response = next.run(request).await;
    let mut say = |name, value| response.headers_mut().insert(name, HeaderValue::from_static(value));
    say(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    say(header::REFERRER_POLICY, "no-referrer");
    say(header::CONTENT_SECURITY_POLICY, "frame-ancestors 'self'");
    say(header::CACHE_CONTROL, "no-store");
    response
}

/// A page of some other site must not read the book of this machine by giving its own name this
/// address, nor have logs matched here.
fn is_ours(address: SocketAddr, request: &Request) -> bool {
    let text = |name| request.headers().get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let host = text(header::HOST).unwrap_or("");
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let ours = !address.ip().is_loopback() || matches!(name, "localhost" | "127.0.0.1" | "[::1]");
    let origin = text(header::ORIGIN).and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    ours && (request.method() != Method::POST || origin.is_none_or(|origin| origin == host))
}

async fn first_page(state: State<Arc<Lectern>>) -> Response {
    page(state, Path("index.html".into())).await
}

async fn page(State(lectern): State<Arc<Lectern>>, Path(name): Path<String>) -> Response {
    match lectern.shown().files.get(&name) {
        Some(file) => ([(header::CONTENT_TYPE, mime(&name))], file.bytes.clone()).into_response(),
        None => (StatusCode::NOT_FOUND, Html(MISSING)).into_response(),
    }
}

const MISSING: &str = "<!DOCTYPE html><html lang=\"en\"><title>No such page</title><main><h1>No such page</h1>\
    <p>There is no page of this name in the book. <a href=\"/\">Its first page</a></p></main></html>\n";

fn mime(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "wasm" => "application/wasm",
        _ => "text/plain; charset=utf-8",
    }
}

/// Which page, and the version that is shown.
#[derive(serde::Deserialize)]
struct Asked {
    page: String,
    version: String,
}

/// Answers with the version of a page as soon as it is another one.
async fn changed(State(lectern): State<Arc<Lectern>>, Query(asked): Query<Asked>) -> String {
    let mut turned = lectern.turned.subscribe();
    let wait =
        async { while lectern.version(&asked.page) == asked.version && turned.changed().await.is_ok() {} };
    let _ = tokio::time::timeout(ANSWER_AFTER, wait).await;
    lectern.version(&asked.page)
}

/// The log in the body, matched: the same records as `kb match --format json`.
async fn match_log(State(lectern): State<Arc<Lectern>>, log: Bytes) -> Response {
    let matched = tokio::task::spawn_blocking(move || matched(&lectern, log)).await;
    match matched {
        Ok(Ok(records)) => ([(header::CONTENT_TYPE, "application/x-ndjson")], records).into_response(),
        _ => (StatusCode::INTERNAL_SERVER_ERROR, "The log could not be matched.\n").into_response(),
    }
}

fn matched(lectern: &Lectern, log: Bytes) -> std::io::Result<Vec<u8>> {
    let matcher = Arc::clone(&lectern.shown().matcher);
    let options = Options {
        now: env::now(),
        zone: lectern.zone.clone(),
        since: None,
        until: None,
        suggest: Suggest::ForPastes,
        threads: 1,
    };
    let bytes = Some(log.len() as u64);
    let input = Input { name: PathBuf::from("-"), reader: Box::new(Cursor::new(log)), bytes, modified: None };
    let triage = triage::triage(vec![input], &*matcher.base, &matcher.signatures, &options, &mut |_| {});
    let mut records = Vec::new();
    json::triage(&mut records, &triage, TOP, &[])?;
    Ok(records)
}
