//! The pauses before a stream that is closed for good is made anew; times are in milliseconds.

const HEALTHY_MS: f64 = 60_000.0;
const FIRST_MS: f64 = 1_000.0;
const LONGEST_MS: f64 = 30_000.0;

#[derive(Default)]
pub struct Pauses {
    /// How many there were since the last healthy stream.
    drawn: i32,
}

impl Pauses {
    /// After a stream that was open for `open_ms`. Full jitter: `chance` is from 0 to 1.
    pub fn next(&mut self, open_ms: f64, chance: f64) -> u32 {
        if open_ms > HEALTHY_MS {
            self.drawn = 0;
        }
        let ceiling = (FIRST_MS * 2f64.powi(self.drawn)).min(LONGEST_MS);
        self.drawn += 1;
        (chance * ceiling) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As of a stream that is not open, see `Health`.
    const NEVER: f64 = f64::NEG_INFINITY;

    fn drawn<const N: usize>(pauses: &mut Pauses, chance: f64) -> [u32; N] {
        [(); N].map(|()| pauses.next(NEVER, chance))
    }

    #[test]
    fn the_bound_doubles_up_to_30_s_and_chance_decides_below_it() {
        assert_eq!(drawn(&mut Pauses::default(), 1.0), [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
        assert_eq!(drawn(&mut Pauses::default(), 0.25), [250, 500, 1_000, 2_000, 4_000, 7_500, 7_500]);
        assert_eq!(drawn(&mut Pauses::default(), 0.0), [0; 7]);
        let mut old = Pauses { drawn: 100_000 };
        assert_eq!(old.next(NEVER, 1.0), 30_000);
    }

    #[test]
    fn only_more_than_60_healthy_seconds_start_again() {
        let mut pauses = Pauses::default();
        assert_eq!(drawn(&mut pauses, 1.0), [1_000, 2_000]);
        assert_eq!(pauses.next(60_000.0, 1.0), 4_000);
        assert_eq!(pauses.next(60_001.0, 1.0), 1_000);
        assert_eq!(drawn(&mut pauses, 1.0), [2_000, 4_000]);
    }
}
