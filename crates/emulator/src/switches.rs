//! Behaviours of the platform that are unknown or differ, to be turned while the emulator runs.

use serde::{Deserialize, Serialize};

use crate::{call::Style, clock, reply::Family};

/// A second of work is then eleven days long.
pub const MAX_SPEED: f64 = 1e6;

/// All switches; a partial JSON object changes the named ones.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Switches {
    /// Instance keys reach *trigger* and *status* only; everything else answers 403 to them.
    pub restricted: bool,
    /// Multiplies the duration of every demo step: 0.05 is twenty times faster.
    pub speed: f64,
    /// The error family of *skills*.
    pub skills_errors: Family,
    /// Whether trigger summaries carry `inputSchema`.
    pub input_schema: bool,
    /// A new execution is unknown to status, list and details for this many milliseconds.
    pub registration_delay_ms: i64,
    /// How far this platform's clock is ahead (behind, if negative), in milliseconds.
    pub clock_skew_ms: i64,
    /// What n8n receives also has the fields under `payload`, as old workflows read them.
    pub payload_copy: bool,
    /// The path spellings that answer; others get the HTML 404 of a load balancer.
    pub path_styles: Vec<Style>,
}

impl Switches {
    /// Refuses what could not be obeyed.
    ///
    /// # Errors
    /// What is wrong.
    pub fn check(&self) -> Result<(), String> {
        if !(0.0..=MAX_SPEED).contains(&self.speed) {
            return Err(format!("speed must be between 0 and {MAX_SPEED}"));
        }
        if self.registration_delay_ms < 0 {
            return Err("registration_delay_ms must not be negative".to_owned());
        }
        if !clock::is_skew(self.clock_skew_ms) {
            return Err(clock::SKEW_LIMIT.to_owned());
        }
        Ok(())
    }
}

impl Default for Switches {
    fn default() -> Self {
        Self {
            restricted: false,
            speed: 1.0,
            skills_errors: Family::Nested,
            input_schema: true,
            registration_delay_ms: 0,
            clock_skew_ms: 0,
            payload_copy: false,
            path_styles: vec![Style::Short, Style::Function, Style::Documented],
        }
    }
}
