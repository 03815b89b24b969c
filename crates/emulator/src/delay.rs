//! How long a fault waits: always the same, or drawn from a distribution.

use serde::{Deserialize, Serialize};

use crate::dice::Dice;

/// No delay is longer: ten minutes, in milliseconds.
const LONGEST: f64 = 600_000.0;

/// All numbers are milliseconds, except `sigma`, which has no unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(
    untagged,
    expecting = "delay_ms takes milliseconds, or {\"uniform\": [50, 400]}, {\"exponential\": 100}, \
                 {\"lognormal\": {\"median\": 120, \"sigma\": 0.8}}"
)]
pub enum Delay {
    Fixed(u64),
    Drawn(Distribution),
}

/// Where a delay is drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Distribution {
    /// Anything from the first to the second.
    Uniform([f64; 2]),
    /// With this mean: mostly short, sometimes long.
    Exponential(f64),
    /// The usual shape of latencies.
    Lognormal { median: f64, sigma: f64 },
}

impl Delay {
    /// The next delay in milliseconds.
    pub fn sample(self, dice: &mut Dice) -> u64 {
        let ms = match self {
            Self::Fixed(ms) => return ms,
            Self::Drawn(Distribution::Uniform([from, to])) => (to - from).mul_add(dice.fraction(), from),
            Self::Drawn(Distribution::Exponential(mean)) => -mean * (1.0 - dice.fraction()).ln(),
            Self::Drawn(Distribution::Lognormal { median, sigma }) => median * (sigma * normal(dice)).exp(),
        };
        let seconds = if ms.is_finite() { ms.clamp(0.0, LONGEST) / 1000.0 } else { LONGEST / 1000.0 };
        u64::try_from(std::time::Duration::from_secs_f64(seconds).as_millis()).unwrap_or(0)
    }

    /// The delay itself where it is always the same.
    #[must_use]
    pub const fn fixed(self) -> Option<u64> {
        match self {
            Self::Fixed(ms) => Some(ms),
            Self::Drawn(_) => None,
        }
    }
}

/// Box and Muller's way from two even numbers to a normal one.
fn normal(dice: &mut Dice) -> f64 {
    let radius = (-2.0 * (1.0 - dice.fraction()).ln()).sqrt();
    radius * (std::f64::consts::TAU * dice.fraction()).cos()
}

#[cfg(test)]
mod tests {
    use super::Delay;
    use crate::dice::Dice;

    fn sorted(text: &str) -> Vec<u64> {
        let delay: Delay = serde_json::from_str(text).expect("a delay");
        let mut dice = Dice::seeded(5);
        let mut samples: Vec<u64> = (0..4001).map(|_| delay.sample(&mut dice)).collect();
        samples.sort_unstable();
        samples
    }

    #[test]
    fn samples_have_the_shape_that_was_asked_for() {
        assert_eq!(sorted("70")[0], 70);
        let even = sorted(r#"{"uniform":[100,200]}"#);
        assert!(even[0] >= 100 && even[4000] < 200 && (145..155).contains(&even[2000]), "{}", even[2000]);
        let exponential = sorted(r#"{"exponential":100}"#);
        assert!((63..76).contains(&exponential[2000]), "{}", exponential[2000]);
        let lognormal = sorted(r#"{"lognormal":{"median":100,"sigma":1}}"#);
        assert!((92..109).contains(&lognormal[2000]), "{}", lognormal[2000]);
        assert!((850..1250).contains(&lognormal[3960]), "{}", lognormal[3960]);
        assert_eq!(sorted(r#"{"lognormal":{"median":1e300,"sigma":500}}"#)[4000], 600_000);
    }

    #[test]
    fn other_shapes_are_refused() {
        for text in [r#"{"even":1}"#, r#"{"uniform":[1]}"#, r#"{"lognormal":{"median":1}}"#, "-1", r#""fast""#] {
            let error = serde_json::from_str::<Delay>(text).expect_err(text).to_string();
            assert!(error.starts_with("delay_ms takes milliseconds, or {\"uniform\""), "{error}");
        }
    }
}
