//! Plans for sets of needles of all kinds.

use super::*;

fn windows(lengths: &[usize]) -> Vec<(usize, usize)> {
    shapes(lengths.iter().copied()).iter().map(|shape| (shape.step, shape.gram)).collect()
}

#[test]
fn every_needle_has_a_window_that_fits() {
    for shortest in 2..40 {
        for count in [1, 10, 1000, 100_000] {
            let lengths = (0..count).map(|n| shortest + n % 30);
            let shapes = shapes(lengths);
            let fits = |shape: &Shape| shape.window() <= shortest && shape.gram <= 8;
            assert!(shapes.iter().any(fits), "{shortest} {count}: {shapes:?}");
            assert!(shapes.is_sorted_by(|a, b| a.window() > b.window()), "{shapes:?}");
        }
    }
}

#[test]
fn one_pass_for_a_few_needles_and_several_for_many() {
    assert_eq!(windows(&[]), []);
    assert_eq!(windows(&[20; 10]), [(8, 8)]);
    assert_eq!(windows(&[20, 12, 13, 40]), [(8, 5)]);
    assert_eq!(windows(&[20, 9, 9]).len(), 1);
    let many: Vec<usize> = (0..20_000).map(|n| if n % 100 == 0 { 8 } else { 20 }).collect();
    assert_eq!(windows(&many).len(), 2);
}
