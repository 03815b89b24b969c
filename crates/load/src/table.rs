//! What is printed at the end.

use std::{
    fmt,
    io::{self, Write},
    time::Duration,
};

#[derive(Default)]
pub struct Table(Vec<(String, String)>);

impl Table {
    /// Also tells it at once: a measurement takes a while.
    pub fn row(&mut self, what: impl Into<String>, value: impl Into<String>) {
        let (what, value) = (what.into(), value.into());
        let _ = writeln!(io::stderr(), "{what}: {value}");
        self.0.push((what, value));
    }

    pub fn print(&self) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        writeln!(out, "| What | Measured |\n|---|---|")?;
        for (what, value) in &self.0 {
            writeln!(out, "| {what} | {value} |")?;
        }
        Ok(())
    }
}

/// How long things took.
#[derive(Default)]
pub struct Times(Vec<Duration>);

impl Times {
    pub fn add(&mut self, time: Duration) {
        self.0.push(time);
    }

    pub fn append(&mut self, mut other: Self) {
        self.0.append(&mut other.0);
    }

    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// Nearest rank.
    pub fn quantile(&self, q: f64) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (q * sorted.len() as f64).ceil() as usize;
        sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |q| self.quantile(q).as_secs_f64() * 1e3;
        write!(f, "p50 {:.1} ms, p99 {:.1} ms", ms(0.5), ms(0.99))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_by_nearest_rank() {
        let mut times = Times::default();
        for ms in (1..=100).rev() {
            times.add(Duration::from_millis(ms));
        }
        assert_eq!(times.quantile(0.5), Duration::from_millis(50));
        assert_eq!(times.quantile(0.99), Duration::from_millis(99));
        assert_eq!(times.quantile(1.0), Duration::from_millis(100));
        assert_eq!(Times::default().quantile(0.5), Duration::ZERO);
    }
}
