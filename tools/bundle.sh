#!/usr/bin/env bash
# Builds the browser bundle into dist/ unless it is already the one these sources give.
# usage: tools/bundle.sh release|dev
source "$(dirname "$0")/lib.sh"
cd "$ROOT"

mode=${1:-release}
stamp=target/bundle.stamp

# The crates of this workspace that end up in the browser, asked of cargo so that a new one cannot be forgotten.
browser_crates() {
  cargo tree --locked --package frontend --target wasm32-unknown-unknown --edges normal,build --prefix none |
    sed -n "s|.*($ROOT/\([^)]*\)).*|\1|p" | sort -u
}

digest() { LC_ALL=C sort -z | xargs -0 -r sha256sum | sha256sum | cut -d' ' -f1; }

# What makes the bundle a seventh smaller: the standard library compiled for size like everything else, and panics
# that stop without a message. Compilers call this unstable; one that does not know it builds the plain bundle.
# Functions are not merged, so that each has its own name; wasm-opt merges them later.
SMALL_STD="std,panic_abort"
SMALL_FLAGS="--cfg erase_components -Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none -Zfmt-debug=none \
  -Zmerge-functions=disabled -Csymbol-mangling-version=v0"

can_be_small() {
  local library
  library="$(rustc --print sysroot)/lib/rustlib/src/rust/library/Cargo.lock"
  [ -e "$library" ] || { say "The bundle will be a seventh larger: the component rust-src of this Rust is missing" && return 1; }
  # shellcheck disable=SC2086
  RUSTC_BOOTSTRAP=1 rustc $SMALL_FLAGS --target wasm32-unknown-unknown --print cfg >/dev/null 2>&1 ||
    { say "The bundle will be a seventh larger: $(rustc --version) does not know the flags of tools/bundle.sh" && return 1; }
}

inputs() {
  local crates
  mapfile -t crates < <(browser_crates)
  {
    rustc --version
    echo "${CODIKA_BUNDLE:-plain}"
    find Cargo.toml Cargo.lock Trunk.toml index.html .cargo/config.toml tools/lib.sh tools/bundle.sh tools/styles.mjs tools/finish-bundle.mjs tools/shrink-bundle.mjs \
      tools/hollow-wasm.mjs tools/bundler/package-lock.json style public "${crates[@]}" -type f -print0 | digest
  } | sha256sum | cut -d' ' -f1
}

outputs() { find dist -type f -print0 2>/dev/null | digest; }

if [ "$mode" = release ] && can_be_small; then
  export CODIKA_BUNDLE=small RUSTFLAGS=$SMALL_FLAGS
  export RUSTC_BOOTSTRAP=1 CARGO_UNSTABLE_BUILD_STD=$SMALL_STD CARGO_UNSTABLE_BUILD_STD_FEATURES=optimize_for_size
fi
lock target/bundle.lock "the browser bundle"
wanted="$mode $(inputs)"
if [ -e "$stamp" ] && [ "$(cat "$stamp")" = "$wanted $(outputs)" ]; then
  [ "$mode" = dev ] || say "The browser bundle is up to date"
  exit 0
fi

rm -f "$stamp"
mkdir -p dist
# Trunk builds offline, so that it never looks for its tools on the network; the crates must be here before.
cargo fetch --locked --quiet
# The standard library has crates and a lock file of its own.
[ -z "${CODIKA_BUNDLE:-}" ] ||
  cargo fetch --locked --quiet --manifest-path "$(rustc --print sysroot)/lib/rustlib/src/rust/library/Cargo.toml"
if [ "$mode" = release ]; then
  say "Building the browser bundle: 4 to 6 minutes the first time, about 1 after a change"
  RUST_BACKTRACE=0 trunk --log error build --offline --release
else
  RUST_BACKTRACE=0 trunk --log error build --offline
fi
echo "$wanted $(outputs)" >"$stamp"
