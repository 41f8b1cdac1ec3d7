//! Values by number, of which few are made.
//!
//! Room is made where one is: of ten thousand runbooks a match needs a handful.

use std::sync::OnceLock;

/// So many get room together.
const ROOM: usize = 64;

type Room<T> = Box<[OnceLock<Box<T>>]>;

/// Values by number, each made when it is first needed.
#[derive(Debug)]
pub struct Slots<T> {
    count: usize,
    rooms: Vec<OnceLock<Room<T>>>,
}

impl<T> Slots<T> {
    /// Of so many.
    pub fn new(count: usize) -> Self {
        let rooms = std::iter::repeat_with(OnceLock::new).take(count.div_ceil(ROOM));
        Self { count, rooms: rooms.collect() }
    }

    /// How many there may be.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The value with this number, made if it is not there yet; `None` for a number that is too large.
    pub fn get_or_make(&self, number: usize, make: impl FnOnce() -> T) -> Option<&T> {
        if number >= self.count {
            return None;
        }
        let room = self.rooms[number / ROOM]
            .get_or_init(|| std::iter::repeat_with(OnceLock::new).take(ROOM).collect());
        Some(room[number % ROOM].get_or_init(|| Box::new(make())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_made_once_and_only_where_there_is_a_number() {
        let slots = Slots::new(130);
        assert_eq!(slots.count(), 130);
        for number in [129, 0, 64, 63] {
            assert_eq!(slots.get_or_make(number, || number), Some(&number));
            assert_eq!(slots.get_or_make(number, || 7777), Some(&number));
        }
        assert_eq!(slots.get_or_make(130, || 1), None);
        assert_eq!(Slots::new(0).get_or_make(0, || 1), None);
    }
}
