#!/usr/bin/env bash
# Runs every check and test, the cheap ones first and one cargo at a time; `make test`.
# Goes on after a failure, so that one run shows everything. Ends with the counts alone on the last line.
source "$(dirname "$0")/lib.sh"
cd "$ROOT"

# On the host and in the browser apart: never in one cargo call, or `ssr` and `hydrate` meet.
HOST=(--package model --package schema --package codika --package engine --package store --package emulator
  --package chaos --package load --package ui --package app --package server --features ui/ssr,app/ssr)
WASM=(--target wasm32-unknown-unknown --package ui --package app --features ui/hydrate,app/hydrate)
FRONTEND=(--target wasm32-unknown-unknown --package frontend)

export CARGO_INCREMENTAL=0 CARGO_TERM_COLOR=never CARGO_TERM_PROGRESS_WHEN=never
CHROMEDRIVER=$(command -v chromedriver || true)
export CHROMEDRIVER WASM_BINDGEN_TEST_WEBDRIVER_JSON="$ROOT/webdriver.json" WASM_BINDGEN_TEST_TIMEOUT=120

logs=target/test-logs
passed=0 failed=0
failures=() skipped=() minutes=()

# usage: count LOG → "PASSED FAILED" of the tests a tool reported, nothing if it reported none
count() {
  awk '
    / tests? run: / { seen = 1
      if (match($0, /[0-9]+ passed/)) p += substr($0, RSTART) + 0
      if (match($0, /[0-9]+ failed/)) f += substr($0, RSTART) + 0
      if (match($0, /[0-9]+ timed out/)) f += substr($0, RSTART) + 0
      next }
    /^test result: / { seen = 1
      if (match($0, /[0-9]+ passed/)) p += substr($0, RSTART) + 0
      if (match($0, /[0-9]+ failed/)) f += substr($0, RSTART) + 0
      next }
    /^ +[0-9]+ passed( |$)/ { seen = 1; p += $1; next }
    /^[^ ]+ pass [0-9]+$/ { seen = 1; p += $3; next }
    /^[^ ]+ (fail|cancelled) [0-9]+$/ { f += $3; next }
    /^ +[0-9]+ (failed|flaky|interrupted|did not run)( |$)/ { seen = 1; f += $1 }
    END { if (seen) print p + 0, f + 0 }' "$1"
}

# usage: step NAME EXPECTATION COMMAND…
step() {
  local name=$1 expected=$2 start status=0 log p=0 f=0
  shift 2
  say "$name ($expected)"
  log="$logs/${name//[^a-zA-Z0-9]/-}.log"
  start=$(date +%s)
  "$@" 2>&1 | tee "$log" || status=${PIPESTATUS[0]}
  minutes+=("$(awk -v s=$(($(date +%s) - start)) -v n="$name" 'BEGIN { printf "%5.1f  %s", s / 60, n }')")
  if [ "$status" = "$NOT_RUN" ]; then
    skipped+=("$name")
    return
  fi
  read -r p f < <(count "$log") || true
  # A tool that counts no tests counts as one.
  if [ "$status" = 0 ]; then
    [ "${p:-0}" != 0 ] || p=1
  elif [ "${f:-0}" = 0 ]; then
    f=1
  fi
  passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0}))
  [ "$status" = 0 ] && [ "${f:-0}" = 0 ] && return
  failures+=("$name")
  printf '%sFAILED:%s %s\n' "$RED" "$PLAIN" "$name"
  return 1
}

host_tests() {
  if has cargo-nextest; then
    tools/postgres.sh run cargo nextest run --locked --no-fail-fast --no-tests=pass "${HOST[@]}"
  else
    tools/postgres.sh run cargo test --locked --no-fail-fast --lib --bins --tests "${HOST[@]}"
  fi
}

server_build() { cargo build --locked --release --package server --package emulator; }

report() {
  echo
  say "Minutes per step"
  printf '    %s\n' "${minutes[@]}"
  if [ ${#failures[@]} != 0 ]; then
    echo
    printf '%sfailed:%s %s\n' "$RED" "$PLAIN" "$(printf '%s; ' "${failures[@]}" | sed 's/; $//')"
    echo "The full output of each step is in $logs/."
  fi
  if [ ${#skipped[@]} != 0 ]; then
    echo
    printf 'not run here:%s (each says why above)\n' "$(printf ' %s;' "${skipped[@]}" | sed 's/;$//')"
  fi
  echo
  echo "$passed passed, $failed failed"
}

mkdir -p "$logs"
lock target/test.lock "the tests"
rm -f "$logs"/*.log

step "set-up" "seconds; up to 8 min when tools must be compiled" tools/setup.sh test || { report; exit 1; }

step "format" "seconds" cargo fmt --all --check || true
step "forbidden view attributes" "seconds" tools/check-views.sh || true
step "feature unification" "seconds" tools/check-features.sh || true
step "clippy, host" "about 3 min cold" cargo clippy --locked --all-targets "${HOST[@]}" -- -D warnings || true
step "clippy, browser tests" "about 1 min cold" cargo clippy --locked --all-targets "${WASM[@]}" -- -D warnings || true
step "clippy, browser entry" "seconds" cargo clippy --locked "${FRONTEND[@]}" -- -D warnings || true
step "statements on both databases" "about 1 min" tools/postgres.sh run tools/queries.sh check || true
step "unit and integration tests" "about 6 min cold" host_tests || true
step "documentation tests" "about 1 min" cargo test --locked --doc "${HOST[@]}" || true
step "tests in the browser" "about 2 min cold" env RUST_BACKTRACE=0 cargo test --locked --no-fail-fast --lib --tests "${WASM[@]}" || true
if step "browser bundle" "about 4 min cold" tools/bundle.sh release; then
  step "bundle size" "seconds" node tools/check-size.mjs || true
  if step "release programs" "about 8 min cold" server_build; then
    step "end to end" "about 8 min" tools/end2end.sh || true
    step "chaos" "under 1 min" tools/chaos.sh run --seconds 20 || true
    step "chaos on PostgreSQL" "about 1 min" tools/chaos.sh run --postgres --seconds 25 || true
    step "a thousand open runs" "under 1 min" tools/chaos.sh resume || true
    step "vendor's command line tool" "under 1 min" tools/vendor-cli.sh || true
  else
    echo "No end-to-end tests without the release programs."
  fi
else
  echo "No release programs and no end-to-end tests without the browser bundle."
fi

report
[ "$failed" = 0 ]
