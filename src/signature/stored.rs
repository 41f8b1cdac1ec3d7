//! A set of signatures as bytes, to be kept in a file.

use kb_scan::Scanner;

use super::set::{Place, SignatureSet};

const PLACE_BYTES: usize = 16;

impl SignatureSet {
    /// The set as bytes for [`SignatureSet::from_bytes`]. Blocks that are disabled are left out.
    pub fn to_bytes(&self) -> Vec<u8> {
        let scanner = self.scanner().to_bytes();
        let mut out = Vec::with_capacity(8 + PLACE_BYTES * self.places().len() + scanner.len());
        out.extend((self.places().len() as u64).to_le_bytes());
        for place in self.places() {
            let numbers = [place.runbook, place.symptom, place.step, place.alternative];
            out.extend(numbers.into_iter().flat_map(|number| (number as u32).to_le_bytes()));
        }
        let sum = kb_scan::checksum(&out);
        out.extend(sum.to_le_bytes());
        out.extend(scanner);
        out
    }

    /// The set whose [`SignatureSet::to_bytes`] gave these bytes; `None` when it did not.
    pub fn from_bytes(bytes: Vec<u8>) -> Option<Self> {
        let (count, rest) = bytes.split_first_chunk::<8>()?;
        let places_bytes = usize::try_from(u64::from_le_bytes(*count)).ok()?.checked_mul(PLACE_BYTES)?;
        let (places, rest) = rest.split_at_checked(places_bytes)?;
        let (sum, scanner) = rest.split_first_chunk::<8>()?;
        (kb_scan::checksum(&bytes[..8 + places_bytes]) == u64::from_le_bytes(*sum)).then_some(())?;
        let place = |bytes: &[u8; PLACE_BYTES]| {
            let (numbers, _) = bytes.as_chunks::<4>();
            let number = |at: usize| u32::from_le_bytes(numbers[at]) as usize;
            Place { runbook: number(0), symptom: number(1), step: number(2), alternative: number(3) }
        };
        let places: Vec<Place> = places.as_chunks::<PLACE_BYTES>().0.iter().map(place).collect();
        let from = bytes.len() - scanner.len();
        let scanner = Scanner::from_part(bytes, from).ok()?;
        (scanner.len() == places.len()).then(|| Self::of_parts(scanner, places, Vec::new()))
    }

    /// One more than the highest number of a runbook that has a signature.
    pub fn runbooks(&self) -> usize {
        self.places().iter().map(|place| place.runbook + 1).max().unwrap_or(0)
    }
}
