//! Where a signature stands in the alphabet.

use super::*;

#[test]
fn a_signature_is_filed_under_its_own_letters() {
    assert_eq!(key("nf_conntrack: table full, dropping packet"), "nfconntrack table full dropping packet");
    assert_eq!(key("<_> is full"), "is full");
    assert_eq!(key(r"/\b(?P<interface>carp[0-9]+|[a-z]*vip[0-9]+): MASTER/").trim(), "carpvip master");
}
