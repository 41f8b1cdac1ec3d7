//! The same as elsewhere in the prefilter with registers of 64 bytes, where the processor has them.
//!
//! Every function says whether it did its work; where it did not, who calls it does it otherwise.
//! All that is not safe is here: calling a function that is compiled for a processor after asking
//! whether this is one, and turning bytes into a register and back.

#[cfg(all(target_arch = "x86_64", not(feature = "safe")))]
pub(super) use x86::{available, compare, equal, sample, survey};

#[cfg(not(all(target_arch = "x86_64", not(feature = "safe"))))]
pub(super) use none::{available, compare, equal, sample, survey};

/// For each of the first bytes of a needle the groups of needles that may have a byte there, a bit for
/// each group; by the lower six bits of the byte: what else has them is looked at in vain.
pub(super) type Allowed = [[u8; 64]; COMPARED];

/// For the bytes before and after a run of blanks the groups of needles that have them there, a bit for
/// each group; by the lower seven bits of the byte.
pub(super) type Around = [[u8; 128]; 2];

/// So many bytes of a needle are compared.
pub(super) const COMPARED: usize = 8;

/// A bit for each of eight bytes: whether it is equal to `byte`.
pub(super) fn equal_eight(bytes: u64, byte: u8) -> u64 {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let differ = bytes ^ u64::from_ne_bytes([byte; 8]);
    let highest = !(((differ & LOW) + LOW) | differ | LOW);
    (highest >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

#[cfg(all(target_arch = "x86_64", not(feature = "safe")))]
#[expect(unsafe_code, reason = "the compiler wants it for functions that are made for some processors")]
mod x86 {
    use std::arch::x86_64::{
        __m512i, _mm_cmpeq_epi8, _mm_cvtsi64_si128, _mm_movemask_epi8, _mm_set_epi64x, _mm_set1_epi8,
        _mm512_and_si512, _mm512_cmpeq_epi8_mask, _mm512_cmpeq_epi64_mask, _mm512_mullo_epi64,
        _mm512_or_si512, _mm512_permutex2var_epi8, _mm512_permutexvar_epi8, _mm512_rolv_epi64,
        _mm512_set1_epi8, _mm512_set1_epi64, _mm512_srl_epi64, _mm512_test_epi8_mask, _pdep_u64,
    };
    use std::mem::transmute;

    use super::{Allowed, Around, COMPARED};
    use crate::filter::marks::{GROUP_READ, Marks};
    use crate::filter::sample::{FOLD, HASH};

    /// True on a processor that has all that is used here.
    pub(in crate::filter) fn available() -> bool {
        is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vbmi")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("popcnt")
    }

    /// [`Bits::sample`](crate::filter::sample::Bits::sample).
    pub(in crate::filter) fn sample<const STEP: usize, const WORDS: usize>(
        table: &[[u8; 8]; WORDS],
        text: &[u8],
        mask: u64,
        marks: &mut Marks,
    ) -> bool {
        let able = available();
        if able {
            // SAFETY: the processor has the features; the function has no other condition.
            unsafe { sample_wide::<STEP, WORDS>(table, text, mask, marks) }
        }
        able
    }

    #[target_feature(enable = "avx512f,avx512dq,bmi2")]
    fn sample_wide<const STEP: usize, const WORDS: usize>(
        table: &[[u8; 8]; WORDS],
        text: &[u8],
        mask: u64,
        marks: &mut Marks,
    ) {
        let every = |number: u64| _mm512_set1_epi64(number as i64);
        let (fold, mask, factor, one) = (every(FOLD), every(mask), every(HASH), every(1));
        let rest = 64 - i64::from(WORDS.trailing_zeros());
        let [word, first, second] = [rest, rest - 6, rest - 12].map(|bits| _mm_cvtsi64_si128(bits));
        // A register holds every eighth gram; so many of them hold all, the bits of each apart.
        let registers = 8 / STEP;
        let apart = u64::MAX / ((1 << registers) - 1);
        marks.fill(text, |group| {
            let mut found = 0;
            for register in 0..registers {
                let bytes =
                    group[register * STEP..].first_chunk().expect("a group reaches eight bytes further");
                let grams = _mm512_and_si512(_mm512_or_si512(to_register(bytes), fold), mask);
                let hash = _mm512_mullo_epi64(grams, factor);
                // Loading the words one by one is faster than the instruction that gathers them.
                let places = from_register(_mm512_srl_epi64(hash, word));
                let words = words_register(places.map(|place| table[place as usize % WORDS]));
                // Rotating takes the lower six bits of how far.
                let bits = _mm512_or_si512(
                    _mm512_rolv_epi64(one, _mm512_srl_epi64(hash, first)),
                    _mm512_rolv_epi64(one, _mm512_srl_epi64(hash, second)),
                );
                let both = _mm512_cmpeq_epi64_mask(_mm512_and_si512(words, bits), bits);
                found |= _pdep_u64(u64::from(both), apart << register);
            }
            found
        });
    }

    /// The last place of a group, and the last two.
    const LAST: u64 = 1 << 63;
    const LAST_TWO: u64 = 3 << 62;

    /// [`Blanks::survey`](crate::filter::blanks::Blanks::survey).
    pub(in crate::filter) fn survey(around: &Around, text: &[u8], marks: &mut Marks) -> Option<u64> {
        // SAFETY: the processor has the features; the function has no other condition.
        available().then(|| unsafe { survey_wide(around, text, marks) })
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi,popcnt")]
    fn survey_wide(around: &Around, text: &[u8], marks: &mut Marks) -> u64 {
        let [blank, tab, feed] = [b' ', b'\t', b'\n'].map(|byte| _mm512_set1_epi8(byte as i8));
        let [before, after] = around.each_ref().map(|table| to_table(table));
        let mut feeds = 0;
        marks.fill(text, |group| {
            let (bytes, ahead) = (at(group, 0), at(group, 3));
            feeds += u64::from(_mm512_cmpeq_epi8_mask(bytes, feed).count_ones());
            let [tabs, tabs_ahead] = [bytes, ahead].map(|bytes| _mm512_cmpeq_epi8_mask(bytes, tab));
            let here = _mm512_cmpeq_epi8_mask(bytes, blank) | tabs;
            let fourth = _mm512_cmpeq_epi8_mask(ahead, blank) | tabs_ahead;
            // What the next bytes are; of the last places that is known from `ahead`.
            let second = here >> 1 | fourth << 2 & LAST;
            let third = here >> 2 | fourth << 1 & LAST_TWO;
            let tab_second = tabs >> 1 | tabs_ahead << 2 & LAST;
            let pairs = _mm512_test_epi8_mask(look_up(before, bytes), look_up(after, ahead));
            !here & second & (third & (fourth | pairs) | !third & tab_second)
        });
        feeds
    }

    /// Marks every place whose first bytes are all allowed for one group of needles: six of them, which are
    /// enough for a few needles, or all.
    pub(in crate::filter) fn compare(allowed: &Allowed, few: bool, text: &[u8], marks: &mut Marks) -> bool {
        let able = available();
        match (able, few) {
            // SAFETY: the processor has the features; the function has no other condition.
            (true, true) => unsafe { compare_wide::<6>(allowed, text, marks) },
            // SAFETY: the same.
            (true, false) => unsafe { compare_wide::<COMPARED>(allowed, text, marks) },
            (false, _) => {}
        }
        able
    }

    #[target_feature(enable = "avx512f,avx512bw,avx512vbmi")]
    fn compare_wide<const BYTES: usize>(allowed: &Allowed, text: &[u8], marks: &mut Marks) {
        let tables = allowed.each_ref().map(|table| to_register(table));
        marks.fill(text, |group| {
            let groups = |place: usize| _mm512_permutexvar_epi8(at(group, place), tables[place]);
            let all = (1..BYTES).fold(groups(0), |all, place| _mm512_and_si512(all, groups(place)));
            _mm512_test_epi8_mask(all, all)
        });
    }

    /// The 64 bytes from there on.
    #[target_feature(enable = "avx512f")]
    fn at(group: &[u8; GROUP_READ], place: usize) -> __m512i {
        to_register(group[place..].first_chunk().expect("a group reaches eight bytes further"))
    }

    #[target_feature(enable = "avx512f")]
    fn to_table(bytes: &[u8; 128]) -> [__m512i; 2] {
        let (halves, _) = bytes.as_chunks();
        [to_register(&halves[0]), to_register(&halves[1])]
    }

    /// What a table has for the lower seven bits of each byte.
    #[target_feature(enable = "avx512f,avx512vbmi")]
    fn look_up(table: [__m512i; 2], bytes: __m512i) -> __m512i {
        _mm512_permutex2var_epi8(table[0], bytes, table[1])
    }

    /// A bit for each byte of a group: whether it is equal to `byte`. Needs no wide registers.
    pub(in crate::filter) fn equal(group: &[u8; 64], byte: u8) -> u64 {
        // SAFETY: SSE2 is part of x86-64; the function has no other condition.
        unsafe { equal_sixteens(group, byte) }
    }

    #[target_feature(enable = "sse2")]
    fn equal_sixteens(group: &[u8; 64], byte: u8) -> u64 {
        let wanted = _mm_set1_epi8(byte as i8);
        let (sixteens, _) = group.as_chunks::<16>();
        let equal = |bytes: &[u8; 16]| {
            let (halves, _) = bytes.as_chunks::<8>();
            let [low, high] = [halves[0], halves[1]].map(i64::from_le_bytes);
            _mm_movemask_epi8(_mm_cmpeq_epi8(_mm_set_epi64x(high, low), wanted)) as u16
        };
        (0..).step_by(16).zip(sixteens).fold(0, |bits, (at, bytes)| bits | u64::from(equal(bytes)) << at)
    }

    #[target_feature(enable = "avx512f")]
    fn to_register(bytes: &[u8; 64]) -> __m512i {
        // SAFETY: both have 64 bytes, and any bytes are a register.
        unsafe { transmute::<[u8; 64], __m512i>(*bytes) }
    }

    #[target_feature(enable = "avx512f")]
    fn words_register(words: [[u8; 8]; 8]) -> __m512i {
        // SAFETY: both have 64 bytes, and any bytes are a register.
        unsafe { transmute::<[[u8; 8]; 8], __m512i>(words) }
    }

    #[target_feature(enable = "avx512f")]
    fn from_register(register: __m512i) -> [u64; 8] {
        // SAFETY: both have 64 bytes, and any bytes are numbers.
        unsafe { transmute::<__m512i, [u64; 8]>(register) }
    }
}

#[cfg(not(all(target_arch = "x86_64", not(feature = "safe"))))]
mod none {
    use super::{Allowed, Around, equal_eight};
    use crate::filter::marks::Marks;

    pub(in crate::filter) fn available() -> bool {
        false
    }

    pub(in crate::filter) fn sample<const STEP: usize, const WORDS: usize>(
        _: &[[u8; 8]; WORDS],
        _: &[u8],
        _: u64,
        _: &mut Marks,
    ) -> bool {
        false
    }

    pub(in crate::filter) fn survey(_: &Around, _: &[u8], _: &mut Marks) -> Option<u64> {
        None
    }

    pub(in crate::filter) fn equal(group: &[u8; 64], byte: u8) -> u64 {
        let (eights, _) = group.as_chunks::<8>();
        let equal = |eight: &[u8; 8]| equal_eight(u64::from_le_bytes(*eight), byte);
        (0..).step_by(8).zip(eights).fold(0, |bits, (at, eight)| bits | equal(eight) << at)
    }

    pub(in crate::filter) fn compare(_: &Allowed, _: bool, _: &[u8], _: &mut Marks) -> bool {
        false
    }
}
