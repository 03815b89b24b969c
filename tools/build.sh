#!/usr/bin/env bash
# Builds what `make start` runs: the bundle, then the programs with the bundle inside.
source "$(dirname "$0")/lib.sh"
cd "$ROOT"

tools/setup.sh build
tools/bundle.sh release
[ -x target/release/codika-dashboard ] || say "Building the server and the emulator: 6 to 10 minutes the first time on 2 cores"
cargo build --locked --release --package server --package emulator
notices=target/release/THIRD-PARTY-NOTICES.txt
[ "$notices" -nt Cargo.lock ] || node tools/check-dependencies.mjs notices "$notices"
