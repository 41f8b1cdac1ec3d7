//! The table of the shipped runbooks.

use super::*;

#[test]
fn every_built_in_signature_is_said_exactly() {
    let sources = crate::disk::built_in().into_iter();
    let base = KnowledgeBase::from_sources(
        sources.map(|file| (std::sync::Arc::new(file), crate::runbook::Origin::BuiltIn)).collect(),
    );
    let table = table(&base);
    assert!(table.differs.is_empty(), "{:?}", table.differs);
    assert!(table.runbooks.len() > 10);
    let signatures = table.runbooks.iter().flat_map(|row| &row.symptoms).flat_map(|row| &row.steps);
    for signature in signatures.flat_map(|step| &step.alternatives) {
        assert!(!signature.needles.is_empty(), "{}", signature.text);
    }
}
