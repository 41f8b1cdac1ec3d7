//! Plans for sets of needles of all kinds.

use super::*;

/// The step and gram of every sampled pass, (0, 0) for one that compares.
fn plan(lengths: &[usize]) -> Vec<(usize, usize)> {
    let passes = passes(lengths.iter().copied());
    let show = |pass: &Pass| match pass {
        Pass::Sampled(shape) => (shape.step, shape.gram),
        Pass::Packed => (0, 0),
    };
    passes.iter().map(show).collect()
}

#[test]
fn every_needle_has_a_window_that_fits() {
    for shortest in 2..40 {
        for count in [1, 10, 39, 1000, 100_000] {
            let passes = passes((0..count).map(|n| shortest + n % 30));
            let window = |pass: &Pass| match pass {
                Pass::Sampled(shape) => shape.window(),
                Pass::Packed => 0,
            };
            let narrowest =
                passes.iter().map(window).filter(|&window| window > 0).min().unwrap_or(usize::MAX);
            let compared = (0..count).filter(|n| shortest + n % 30 < narrowest).count();
            let fits = |pass: &Pass| match pass {
                Pass::Sampled(shape) => shape.window() <= shortest && shape.gram <= 8,
                Pass::Packed => compared <= PACKED_MAX,
            };
            assert!(passes.iter().any(fits), "{shortest} {count}: {passes:?}");
            assert!(passes.is_sorted_by(|a, b| window(a) > window(b)), "{passes:?}");
        }
    }
}

#[test]
fn one_pass_for_a_few_needles_and_several_for_many() {
    assert_eq!(plan(&[]), []);
    assert_eq!(plan(&[20; 10]), [(0, 0)]);
    assert_eq!(plan(&[20; 200]), [(8, 8)]);
    assert_eq!(plan(&[20, 12, 13, 40]), [(0, 0)]);
    assert_eq!(plan(&[20, 9, 9]).len(), 1);
    let many: Vec<usize> = (0..20_000).map(|n| if n % 100 == 0 { 8 } else { 20 }).collect();
    assert_eq!(plan(&many).len(), 2);
}

#[test]
fn a_few_short_needles_are_compared() {
    let mut lengths = vec![20; 1000];
    lengths.extend([3, 3, 4, 2]);
    assert_eq!(plan(&lengths), [(8, 8), (0, 0)]);
}
