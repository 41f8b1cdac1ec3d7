//! A bag answers as the text would.

use super::Bag;
use crate::index::{Doc, Index};
use crate::tokens::Mode;

#[test]
fn a_bag_knows_the_words_of_its_text() {
    let index = Index::build(&[Doc { prose: "the guest hears its own frames", ..Doc::default() }]).unwrap();
    let query = index.query("frame of a guest", Mode::Log).unwrap();
    let found = |text: &str| -> Vec<&str> {
        Bag::of(text).found(&query).into_iter().map(|word| query.words()[word].surface()).collect()
    };
    assert_eq!(found("guests"), ["guest"]);
    assert_eq!(found("frames, guests"), ["frame", "guest"]);
    assert_eq!(found(""), Vec::<&str>::new());
}
