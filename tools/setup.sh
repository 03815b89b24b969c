#!/usr/bin/env bash
# Installs what building needs into a folder outside the checkout, keyed by version. Does nothing when all is there.
# What is fetched without a package manager's signature or lock file must have the checksum that tools/checksums.sha256 says.
# usage: tools/setup.sh build|test|fast    `fast` is what tests without a browser need
source "$(dirname "$0")/lib.sh"

goal=${1:-build}

# An interrupted install is never taken for a complete one: everything is made beside its place and then renamed.
staging=''
trap '[ -z "$staging" ] || rm -rf "$staging"' EXIT

new_staging() {
  [ -z "$staging" ] || rm -rf "$staging"
  staging=$(mktemp -d "$TOOLS_HOME/.installing.XXXXXX")
}

require() {
  local command=$1 package=$2 why=$3
  has "$command" || install_packages "$why" "$package"
}

# usage: install_packages WHY PACKAGE…
install_packages() {
  local why=$1
  shift
  local line="apt-get update && apt-get install -y --no-install-recommends $*"
  if [ "$(id -u)" = 0 ] && has apt-get; then
    say "Installing $* ($why), about 1 minute"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
      die "apt-get could not install $*: see its message above." "Once the package mirror answers, run: $line"
  else
    die "$* is needed: $why. Run this line as root, then the same make command again:" "$line"
  fi
}

check_base() {
  has cargo || die "Rust is needed: see https://rustup.rs, or the package rustup of your system."
  has node || die "Node.js 20 or newer is needed to build the browser bundle: see https://nodejs.org."
  local major
  major=$(node -p 'process.versions.node.split(".")[0]')
  [ "$major" -ge 20 ] || die "Node.js 20 or newer is needed; this is $(node --version)."
  require npm npm "it fetches wasm-opt and terser"
  require cc "gcc libc6-dev" "Rust links with it"
  require flock util-linux "it keeps two makes apart"
}

wasm_target() {
  local libdir
  libdir=$(cd "$ROOT" && rustc --print target-libdir --target wasm32-unknown-unknown)
  compgen -G "$libdir/libstd-*.rlib" >/dev/null && return
  has rustup || die "This Rust has no wasm32-unknown-unknown target and there is no rustup to add it." \
    "With Debian's Rust run as root: apt-get install -y libstd-rust-dev-wasm32"
  say "Adding the wasm32-unknown-unknown target, a few seconds"
  (cd "$ROOT" && rustup target add wasm32-unknown-unknown) ||
    die "rustup could not fetch the target (its message is above): is static.rust-lang.org or RUSTUP_DIST_SERVER reachable?"
}

# For the small bundle; without it a larger one is built.
standard_library_source() {
  [ -e "$(cd "$ROOT" && rustc --print sysroot)/lib/rustlib/src/rust/library/Cargo.lock" ] && return
  has rustup || return 0
  say "Adding the source of Rust's standard library, a few seconds"
  (cd "$ROOT" && rustup component add rust-src) || say "rustup could not fetch it (its message is above); going on without"
}

# The checks use them; a minimal Rust comes without.
formatter_and_lints() {
  has rustfmt && has cargo-clippy && has clippy-driver && rustfmt --version >/dev/null 2>&1 && cargo-clippy --version >/dev/null 2>&1 && return
  has rustup || die "rustfmt and clippy are needed for the checks: install them beside this Rust."
  say "Adding rustfmt and clippy, a few seconds"
  (cd "$ROOT" && rustup component add rustfmt clippy) || die "rustup could not fetch rustfmt and clippy (its message is above)."
}

# usage: checksum NAME → what tools/checksums.sha256 says about a file of this name; nothing if it does not know it
checksum() { awk -v name="$1" '$2 == name { print $1 }' "$ROOT/tools/checksums.sha256"; }

# usage: verified FILE NAME
verified() { [ "$(sha256sum "$1" | cut -d' ' -f1)" = "$(checksum "$2")" ]; }

# usage: prebuilt URL NAME VERSION-PATTERN BINARIES… → fills $staging/bin, or returns 1. NAME is that of the checksum.
prebuilt() {
  local url=$1 name=$2 pattern=$3
  shift 3
  # What could not be verified is not even fetched.
  [ -n "$(checksum "$name")" ] || return 1
  [ -z "${CODIKA_TOOLS_FROM_SOURCE:-}" ] && has curl && has tar || return 1
  [ "$(uname -sm)" = "Linux x86_64" ] || return 1
  mkdir -p "$staging/unpacked" "$staging/bin"
  curl --fail --silent --location --proto '=https' --connect-timeout 3 --max-time 120 --output "$staging/tool.tar.gz" "$url" || return 1
  verified "$staging/tool.tar.gz" "$name" || { say "$url is not what tools/checksums.sha256 expects" && return 1; }
  tar --extract --gzip --file "$staging/tool.tar.gz" --directory "$staging/unpacked" || return 1
  local binary
  for binary in "$@"; do
    find "$staging/unpacked" -type f -name "$binary" -exec mv {} "$staging/bin/" \;
    # It may have been built for a newer C library than this system has.
    "$staging/bin/$binary" --version 2>/dev/null | grep -qF "$pattern" || return 1
  done
  rm -rf "$staging/unpacked" "$staging/tool.tar.gz"
}

# usage: compile CRATE VERSION [FLAG…]
compile() {
  local crate=$1 version=$2
  shift 2
  [ -n "$(checksum "$crate-$version.crate")" ] ||
    die "tools/checksums.sha256 has no line for $crate-$version.crate: look where this version comes from, then add it."
  rm -rf "${staging:?}"/*
  # Their own release profiles take three times as long and make the tools no faster at this job.
  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=0 CARGO_PROFILE_RELEASE_CODEGEN_UNITS=256 \
    CARGO_TARGET_DIR="$staging/target" \
    cargo install "$crate" --version "$version" --root "$staging" --quiet "$@" ||
    die "cargo could not install $crate $version (its message is above)." \
      "If it speaks of the network: the crate registry must be reachable once; run the same command again then."
  # cargo has compared it with the registry's index; this compares both with the repository.
  local source
  source=$(find "${CARGO_HOME:-$HOME/.cargo}/registry/cache" -name "$crate-$version.crate" -print -quit)
  [ -n "$source" ] && verified "$source" "$crate-$version.crate" ||
    die "$crate-$version.crate is not the file whose checksum stands in tools/checksums.sha256 (${source:-not found}): it is not used."
  rm -rf "$staging/target" "$staging"/.crates*
}

trunk() {
  [ -x "$TRUNK_HOME/bin/trunk" ] && return
  new_staging
  say "Installing Trunk $TRUNK_VERSION: seconds if it can be downloaded, else compiled in 3 to 5 minutes"
  prebuilt "https://github.com/trunk-rs/trunk/releases/download/v$TRUNK_VERSION/trunk-x86_64-unknown-linux-gnu.tar.gz" \
    "trunk-x86_64-unknown-linux-gnu-$TRUNK_VERSION.tar.gz" "$TRUNK_VERSION" trunk ||
    { say "No prebuilt Trunk here (download refused, unverified or unfit): compiling it" && compile trunk "$TRUNK_VERSION" --locked; }
  mv -T "$staging" "$TRUNK_HOME"
}

wasm_bindgen() {
  [ -x "$WASM_BINDGEN_HOME/bin/wasm-bindgen-test-runner" ] && return
  new_staging
  say "Installing wasm-bindgen $WASM_BINDGEN_VERSION: seconds if it can be downloaded, else compiled in 1 to 3 minutes"
  local name="wasm-bindgen-$WASM_BINDGEN_VERSION-x86_64-unknown-linux-musl"
  # Without --locked: some mirrors lag behind the versions its lock file names.
  prebuilt "https://github.com/wasm-bindgen/wasm-bindgen/releases/download/$WASM_BINDGEN_VERSION/$name.tar.gz" \
    "$name.tar.gz" "$WASM_BINDGEN_VERSION" wasm-bindgen wasm-bindgen-test-runner ||
    { say "No prebuilt wasm-bindgen here (download refused, unverified or unfit): compiling it" && compile wasm-bindgen-cli "$WASM_BINDGEN_VERSION"; }
  mv -T "$staging" "$WASM_BINDGEN_HOME"
}

bundler() {
  [ -x "$BUNDLER_HOME/node_modules/.bin/wasm-opt" ] && [ -x "$BUNDLER_HOME/node_modules/.bin/terser" ] && return
  new_staging
  say "Installing wasm-opt and terser (npm packages $BUNDLER_VERSION), a few seconds"
  cp "$ROOT"/tools/bundler/{package.json,package-lock.json} "$staging/"
  npm ci --prefix "$staging" --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null ||
    die "npm could not fetch $BUNDLER_VERSION (its message is above): the npm registry must be reachable once."
  mv -T "$staging" "$BUNDLER_HOME"
}

build_tools() {
  trunk
  wasm_bindgen
  bundler
}

browser_packages() {
  local missing=()
  has chromium || missing+=(chromium)
  has chromedriver || missing+=(chromium-driver)
  [ ${#missing[@]} = 0 ] || install_packages "the browser tests run in it" "${missing[@]}"
  local installed="$ROOT/end2end/node_modules/.package-lock.json"
  if [ ! -e "$installed" ] || [ "$ROOT/end2end/package-lock.json" -nt "$installed" ]; then
    say "Installing the browser test packages, a few seconds"
    (cd "$ROOT/end2end" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null) ||
      die "npm could not fetch the browser test packages (its message is above): the npm registry must be reachable once."
  fi
}

databases() {
  local missing=()
  compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || has initdb || missing+=(postgresql)
  has psql || missing+=(postgresql-client)
  has sqlite3 || missing+=(sqlite3)
  [ ${#missing[@]} = 0 ] || install_packages "the tests start a PostgreSQL of their own and check every statement" "${missing[@]}"
}

check_base
wasm_target
[ "$goal" = fast ] || standard_library_source
[ "$goal" = build ] || formatter_and_lints
mkdir -p "$TOOLS_HOME"
if [ "$goal" != fast ]; then
  lock "$TOOLS_HOME/.lock" "the build tools"
  build_tools
  unlock
fi
mkdir -p "$ROOT/style" "$ROOT/public" "$ROOT/dist"
[ "$goal" = build ] || databases
if [ "$goal" = test ]; then
  lock "$ROOT/target/end2end.lock" "the browser test packages"
  browser_packages
  unlock
fi
