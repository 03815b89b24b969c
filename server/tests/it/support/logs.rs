//! Everything that is logged while the tests run.

use std::{
    io,
    sync::{Mutex, PoisonError},
};

use tracing_subscriber::EnvFilter;

static LOGGED: Mutex<Vec<u8>> = Mutex::new(Vec::new());

struct Memory;

impl io::Write for Memory {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        LOGGED.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// From here on everything our crates and the HTTP client say is kept.
pub fn capture() {
    let filter = EnvFilter::new("debug,server=trace,engine=trace,codika=trace,store=trace,emulator=off,sqlx=info");
    // Fails only when another one is installed already.
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(|| Memory).try_init();
}

pub fn logged() -> String {
    String::from_utf8_lossy(&LOGGED.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}
