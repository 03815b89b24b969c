#!/usr/bin/env bash
# Prints the emulator's numbers of docs/emulator.md: triggers a second on one core, and memory with a million executions.
source "$(dirname "$0")/lib.sh"
cd "$ROOT"

has wrk || die "wrk is needed: it makes the load. As root: apt-get install -y wrk"
has taskset || die "taskset (package util-linux) is needed: it pins the emulator to one core."
[ -x target/release/codika-emulator ] || die "There is no release build yet: run \`cargo build --release --locked -p emulator\` first."

executions=${1:-1000000}
port=${EMULATOR_PORT:-9188}
base="http://127.0.0.1:$port"
work=$(mktemp -d)
emulator=''
trap '[ -z "$emulator" ] || kill "$emulator" 2>/dev/null || true; rm -rf "$work"' EXIT

# Speed 0: no step waits, so a trigger and its whole run are what is measured.
taskset --cpu-list 0 env RUST_LOG=warn target/release/codika-emulator --listen "127.0.0.1:$port" --speed 0 &
emulator=$!
for _ in $(seq 100); do
  [ "$(curl -s -o /dev/null -w '%{http_code}' "$base/_emulator/config")" = 200 ] && break
  sleep 0.1
done

cat >"$work/trigger.lua" <<'LUA'
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.headers["X-API-Key"] = "ck_DEMO_dev_instance_key_for_the_local_emulator_only_00000000000000"
wrk.body = '{"payload":{"text":"One sentence. Another one."}}'
LUA
trigger="$base/webhook/019a0000-0000-7000-8000-00000000d001/text-summary"
load() { taskset --cpu-list "${2:-1}" wrk --threads 1 --connections 64 --duration "$1" --latency --script "$work/trigger.lua" "$trigger"; }
triggers() { curl -s "$base/_emulator/ledger?limit=0" | sed 's/.*"triggers":\([0-9]*\).*/\1/'; }
memory() { awk -v what="$1" '$1 == what ":" { printf "%d MB", $2 / 1024 }' "/proc/$emulator/status"; }

say "Triggers a second, emulator on core 0, load on core 1, 64 connections, 10 s"
load 10s | awk '/Requests\/sec/ { print "    triggers/s  " $2 } /99%/ { print "    p99         " $2 } /Non-2xx/ { print "    REFUSED     " $0; bad = 1 } END { exit bad }'
echo "    memory      $(memory VmRSS) with $(triggers) executions"

say "Memory with $executions executions"
while [ "$(triggers)" -lt "$executions" ]; do load 10s >/dev/null; done
echo "    memory      $(memory VmRSS), at most $(memory VmHWM), with $(triggers) executions started"
echo "    status      $(curl -s -o /dev/null -w '%{time_total} s for one answer' "$trigger" -H "X-API-Key: ck_DEMO_dev_instance_key_for_the_local_emulator_only_00000000000000" -H 'Content-Type: application/json' -d '{"payload":{}}') to a trigger beside them"
