//! Test results as JUnit XML, which every CI reads: a suite for each runbook, a case for each thing
//! that was tried.

use std::io::{self, Write};

use crate::proof::Case;
use crate::text::printable;

/// Writes one document; the cases are in the order of their runbooks.
pub fn cases(out: &mut dyn Write, cases: &[Case]) -> io::Result<()> {
    let failed = |cases: &[Case]| cases.iter().filter(|case| case.outcome.is_err()).count();
    writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>")?;
    writeln!(out, "<testsuites name=\"kb test\" tests=\"{}\" failures=\"{}\">", cases.len(), failed(cases))?;
    for suite in cases.chunk_by(|a, b| a.runbook == b.runbook) {
        let name = attribute(suite[0].runbook.as_str());
        let (tests, failures) = (suite.len(), failed(suite));
        writeln!(out, "  <testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\">")?;
        suite.iter().try_for_each(|one| case(out, one))?;
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn case(out: &mut dyn Write, case: &Case) -> io::Result<()> {
    let (name, class, line) = (attribute(&case.name), attribute(case.runbook.as_str()), case.line);
    write!(out, "    <testcase name=\"{name}\" classname=\"{class}\" line=\"{line}\"")?;
    let Err(reason) = &case.outcome else { return writeln!(out, "/>") };
    let first = attribute(reason.lines().next().unwrap_or(""));
    writeln!(out, ">\n      <failure message=\"{first}\">{}</failure>\n    </testcase>", content(reason))
}

fn content(text: &str) -> String {
    printable(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn attribute(text: &str) -> String {
    content(text).replace('"', "&quot;").replace(['\n', '\t'], " ")
}
