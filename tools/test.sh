#!/usr/bin/env bash
# Runs every check and test, the cheap ones first; `make test`. With `fast` only what needs no browser, no bundle and no
# release program; `make test-fast`.
# Goes on after a failure, so that one run shows everything. Ends with the counts alone on the last line.
# usage: tools/test.sh [fast]
source "$(dirname "$0")/lib.sh"
cd "$ROOT"

goal=${1:-test}

export CARGO_TERM_COLOR=never CARGO_TERM_PROGRESS_WHEN=never
# What is compiled once is compiled faster so. The short loop is run again and again, and shares with other builds.
[ "$goal" = fast ] || export CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=false
CHROMEDRIVER=$(command -v chromedriver || true)
export CHROMEDRIVER WASM_BINDGEN_TEST_WEBDRIVER_JSON="$ROOT/webdriver.json" WASM_BINDGEN_TEST_TIMEOUT=120

# Clippy stands in for the compiler, so that one build gives both lints and tests: `cargo clippy` would compile every
# dependency a second time.
LINTED=(env RUSTC_WORKSPACE_WRAPPER=clippy-driver)

logs=target/test-logs
passed=0 failed=0
failures=() skipped=() minutes=()
lane='' began=$SECONDS

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

log_of() { echo "$logs/${1//[^a-zA-Z0-9]/-}.log"; }

# usage: step NAME EXPECTATION COMMAND…
step() {
  local name=$1 expected=$2 start=$SECONDS status=0
  shift 2
  say "$name ($expected)"
  "$@" 2>&1 | tee "$(log_of "$name")" || status=${PIPESTATUS[0]}
  record "$name" "$status" $((SECONDS - start))
}

# usage: record NAME STATUS SECONDS → counts what stands in the step's log
record() {
  local name=$1 status=$2 p=0 f=0
  minutes+=("$(awk -v s="$3" -v n="$name" 'BEGIN { printf "%5.1f  %s", s / 60, n }')")
  if [ "$status" = "$NOT_RUN" ]; then
    skipped+=("$name")
    return
  fi
  read -r p f < <(count "$(log_of "$name")") || true
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

# A second lane, for steps that only compile: the last minutes of a build use one core. Its output waits in the logs.
# usage: beside NAME COMMAND… → to be called in the lane
beside() {
  local log start=$SECONDS status=0
  log=$(log_of "$1")
  shift
  "$@" >"$log" 2>&1 </dev/null || status=$?
  echo "$status $((SECONDS - start))" >"$log.end"
  return "$status"
}

# usage: start_lane FUNCTION
start_lane() {
  # With a process group of its own it can be stopped as a whole.
  set -m
  "$1" &
  lane=$!
  set +m
  trap '[ -z "$lane" ] || kill -- "-$lane" 2>/dev/null || true' EXIT
}

# Tests are run after it only: a busy machine would disturb those that measure time.
join_lane() {
  local start=$SECONDS
  say "Waiting for what is being compiled beside"
  wait "$lane" || true
  lane=''
  minutes+=("$(awk -v s=$((SECONDS - start)) 'BEGIN { printf "%5.1f  waiting for the steps beside", s / 60 }')")
}

# usage: step_beside NAME EXPECTATION → tells what became of it
step_beside() {
  local log status seconds
  log=$(log_of "$1")
  [ -e "$log.end" ] || return
  read -r status seconds <"$log.end"
  say "$1 ($2; compiled beside the steps above)"
  cat "$log"
  record "$1" "$status" "$seconds"
}

# usage: lint CARGO-TEST-ARGUMENT… → builds the tests; a warning fails it
lint() {
  "${LINTED[@]}" cargo test --locked --no-run "$@" 2>&1 |
    # Of what comes from elsewhere cargo reports one thing, and that is no fault of this code.
    awk '{ print; fflush() } /^warning/ && !/future version of Rust/ { found = 1 } END { exit found }'
}

# usage: host_tests [CARGO-TEST-ARGUMENT…]
host_tests() {
  if has cargo-nextest; then
    tools/postgres.sh run "${LINTED[@]}" cargo nextest run --locked --no-fail-fast --no-tests=pass "${HOST[@]}" "$@"
  else
    [ $# != 0 ] || set -- --lib --bins --tests
    tools/postgres.sh run "${LINTED[@]}" cargo test --locked --no-fail-fast "${HOST[@]}" "$@"
  fi
}

report() {
  echo
  say "Minutes per step"
  printf '    %s\n' "${minutes[@]}"
  awk -v s=$((SECONDS - began)) 'BEGIN { printf "    %5.1f  in all\n", s / 60 }'
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
rm -f "$logs"/*

step "set-up" "seconds; up to 8 min when tools must be compiled" tools/setup.sh "$goal" || { report; exit 1; }

step "format" "seconds" cargo fmt --all --check || true
step "forbidden view attributes" "seconds" tools/check-views.sh || true
step "feature unification" "seconds" tools/check-features.sh || true
step "licences and dependencies" "seconds" node tools/check-dependencies.mjs || true

if [ "$goal" = fast ]; then
  step "lints, host" "under 2 min after a change, about 6 min cold" lint "${HOST[@]}" || LINTED=()
  step "lints, browser" "under 1 min after a change, about 2 min cold" lint --lib --tests "${WASM[@]}" --package frontend || true
  step "unit and store tests" "under 1 min" host_tests --lib --bins --test engine || true
  report
  [ "$failed" = 0 ] && exit
  exit 1
fi

bundle_and_programs() {
  beside "browser bundle" tools/bundle.sh release &&
    beside "programs" cargo build --locked --profile "$PROGRAMS_PROFILE" --package server --package emulator
}
export PROGRAMS_PROFILE=ci CHAOS_IS_BUILT=yes
start_lane bundle_and_programs

# Before the build of all: it compiles the store, and leaves its dependencies to the next step.
step "statements on both databases" "about 3 min cold" "${LINTED[@]}" tools/postgres.sh run tools/queries.sh check || true
step "lints, host" "about 5 min cold" lint "${HOST[@]}" || LINTED=()
step "documentation tests" "under 1 min" "${LINTED[@]}" cargo test --locked --doc "${HOST[@]}" || true
step "lints, browser" "about 2 min cold" lint --lib --tests "${WASM[@]}" --package frontend || true
step "chaos program" "seconds" "${LINTED[@]}" tools/chaos.sh build || true
join_lane

step "unit and integration tests" "about 2 min" host_tests || true
step "tests in the browser" "under 1 min" \
  env RUST_BACKTRACE=0 "${LINTED[@]}" cargo test --locked --no-fail-fast --lib --tests "${WASM[@]}" || true
if step_beside "browser bundle" "about 4 min cold"; then
  step "bundle size" "seconds" node tools/check-size.mjs || true
  if step_beside "programs" "about 5 min cold"; then
    step "end to end" "about 8 min" tools/end2end.sh || true
    step "chaos" "under 1 min" tools/chaos.sh run --seconds 20 || true
    step "chaos on PostgreSQL" "about 1 min" tools/chaos.sh run --postgres --seconds 25 || true
    step "a thousand open runs" "under 1 min" tools/chaos.sh resume || true
    step "vendor's command line tool" "under 1 min" tools/vendor-cli.sh || true
  else
    echo "No end-to-end tests without the programs."
  fi
else
  echo "No programs and no end-to-end tests without the browser bundle."
fi

report
[ "$failed" = 0 ]
