//! How the book looks and what may run in it: kb's own style and script, and mdBook's template made
//! strict.
//!
//! mdBook's template runs scripts that stand in the page. Each of them, and no other, gets a nonce, so that
//! the policy of the page refuses any script that a runbook might bring. Knows the text of the template;
//! a piece that is no longer found in it is an error, not a hole.

/// kb's own files, as the book names them.
const OWN: &[(&str, &str)] =
    &[("kb.css", include_str!("../../book/theme/kb.css")), ("kb.js", include_str!("../../book/theme/kb.js"))];

/// Styles and scripts that every page loads.
pub(super) fn assets() -> &'static [(&'static str, &'static str)] {
    OWN
}

/// The names of those with this ending.
pub(super) fn loaded(ending: &str) -> Vec<String> {
    let own = OWN.iter().map(|(name, _)| (*name).to_owned());
    own.filter(|name| name.ends_with(ending)).collect()
}

/// What a page may load and run. Its own files, nothing else: no other host, no frame but the table of
/// contents for readers without scripts.
pub(super) fn head(nonce: &str) -> String {
    format!(
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src 'nonce-{nonce}' \
         'strict-dynamic'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; \
         worker-src 'self' blob:; frame-src 'self'; base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n<meta name=\"color-scheme\" content=\"light dark\">\n"
    )
}

/// Pieces of mdBook's template and what stands in their place; each must be there.
const MENDS: &[(&str, &str)] = &[
    ("<script>", "<script nonce=\"NONCE\">"),
    ("<script src=", "<script nonce=\"NONCE\" src="),
    ("<script async src=", "<script nonce=\"NONCE\" async src="),
    // The policy allows no style on an element.
    ("<div style=\"clear: both\"></div>", "<div class=\"kb-clear\"></div>"),
    // A page has one heading of level 1: its own title.
    ("<h1 class=\"menu-title\">{{ book_title }}</h1>", "<p class=\"menu-title\">{{ book_title }}</p>"),
    // What is pressed is a button, so that a keyboard reaches it.
    ("<label id=\"mdbook-sidebar-toggle\"", "<button type=\"button\" id=\"mdbook-sidebar-toggle\""),
    (" for=\"mdbook-sidebar-toggle-anchor\"", ""),
    ("</label>", "</button>"),
    // Everything that is seen stands in a landmark.
    ("<div id=\"mdbook-menu-bar\"", "<div role=\"banner\" id=\"mdbook-menu-bar\""),
    ("{{ resource \"searchindex.js\" }}", "{{ path_to_root }}SEARCHINDEX"),
];

/// mdBook's template of a page, made strict; the error names what it no longer has.
pub(super) fn index(template: &str, nonce: &str, search_index: &str) -> Result<String, String> {
    let mut template = template.to_owned();
    for (piece, mended) in MENDS {
        if !template.contains(piece) {
            return Err(format!("mdBook's template has no `{piece}`"));
        }
        template = template.replace(piece, mended);
    }
    Ok(template.replace("NONCE", nonce).replace("SEARCHINDEX", search_index))
}
