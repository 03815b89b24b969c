# Shared by the scripts of this folder: where things are, which versions, how to speak.
# shellcheck shell=bash

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
TOOLS_HOME="${XDG_CACHE_HOME:-$HOME/.cache}/codika-dashboard/tools"

TRUNK_VERSION=0.21.14
# The generated code and the tool must be of one version, so the lock file decides.
WASM_BINDGEN_VERSION=$(awk '/^name = "wasm-bindgen"$/ { getline; gsub(/"/, "", $3); print $3; exit }' "$ROOT/Cargo.lock")
BUNDLER_VERSION=$(sed -n 's/.*"\(binaryen\|terser\)": "\([0-9.]*\)".*/\1-\2/p' "$ROOT/tools/bundler/package.json" | paste -sd-)
VENDOR_CLI_VERSION=$(sed -n 's/.*"codika": "\([0-9.]*\)".*/\1/p' "$ROOT/end2end/vendor-cli/package.json")

TRUNK_HOME="$TOOLS_HOME/trunk-$TRUNK_VERSION"
WASM_BINDGEN_HOME="$TOOLS_HOME/wasm-bindgen-$WASM_BINDGEN_VERSION"
BUNDLER_HOME="$TOOLS_HOME/$BUNDLER_VERSION"
VENDOR_CLI_HOME="$TOOLS_HOME/vendor-cli-$VENDOR_CLI_VERSION"

# The crates that run on the host and those that run in the browser: never in one cargo call, or `ssr` and `hydrate` meet.
HOST=(--package model --package schema --package codika --package engine --package store --package emulator
  --package chaos --package load --package ui --package app --package server --features ui/ssr,app/ssr)
WASM=(--target wasm32-unknown-unknown --package ui --package app --features ui/hydrate,app/hydrate)

# The cargo profile of the programs that the end-to-end tests and chaos run: `make test` builds its own.
export PROGRAMS_PROFILE="${PROGRAMS_PROFILE:-release}"
PROGRAMS="$ROOT/target/$PROGRAMS_PROFILE"

# What a test step ends with when something it needs cannot be had here.
NOT_RUN=77

export PATH="$TRUNK_HOME/bin:$WASM_BINDGEN_HOME/bin:$BUNDLER_HOME/node_modules/.bin:$PATH"

# Compiled into the server it would make the pages ask for files that are not there.
unset LEPTOS_OUTPUT_NAME

if [ -t 1 ]; then
  BOLD=$'\e[1m' RED=$'\e[31m' PLAIN=$'\e[0m'
else
  BOLD='' RED='' PLAIN=''
fi

# Cargo compiles a crate again for each set of features, and builds of fewer crates or without tests ask for others:
# naming an example makes it count the features of the tests' own dependencies.
# usage: build_as_for_tests [CARGO-ARGUMENT…]
build_as_for_tests() { cargo build --locked --quiet "${HOST[@]}" --example polling "$@"; }

say() { printf '%s==>%s %s\n' "$BOLD" "$PLAIN" "$*"; }

die() {
  printf '%serror:%s %s\n' "$RED" "$PLAIN" "$1" >&2
  shift
  for line in "$@"; do printf '       %s\n' "$line" >&2; done
  exit 1
}

has() { command -v "$1" >/dev/null 2>&1; }

# Two makes at once: the second waits for the first instead of writing into the same folder.
# Held until the script ends or calls `unlock`.
# usage: lock FILE WHAT
lock() {
  mkdir -p "$(dirname "$1")"
  exec 9>"$1"
  if ! flock --nonblock 9; then
    say "Another make is busy with $2; waiting for it"
    flock 9
  fi
}

unlock() { exec 9>&-; }
