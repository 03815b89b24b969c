#!/usr/bin/env bash
# Throughput of the release programs beside a bare pass-through. Arguments go to the tool (`--help`).
source "$(dirname "$0")/lib.sh"
cd "$ROOT"

# 1,000 streams are 2,000 sockets.
ulimit -n "$(ulimit -Hn)"
cargo build --locked --release --package load
exec target/release/load "$@"
