//! Tests of what is kept of an output.

use proptest::prelude::*;

use super::Keep;

proptest! {
    #[test]
    fn the_first_and_the_last_half_stay_and_the_rest_is_counted(
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..12),
        half in 0_usize..32,
    ) {
        let mut keep = Keep::new(half * 2);
        for piece in &pieces {
            keep.push(piece);
        }
        let (text, dropped) = keep.finish();
        let all = pieces.concat();
        let expected = if all.len() <= half * 2 {
            all.clone()
        } else {
            [&all[..half], &all[all.len() - half..]].concat()
        };
        prop_assert_eq!(dropped as usize, all.len() - expected.len());
        prop_assert_eq!(text, expected);
    }
}
