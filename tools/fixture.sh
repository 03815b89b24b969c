#!/usr/bin/env bash
# Makes a small database with runs of every kind by the real programs, for the test that later versions open it.
# Build the programs of the version that is to be kept first, in a checkout of it: cargo build -p server -p emulator
# usage: tools/fixture.sh FOLDER-OF-PROGRAMS FILE.db                              of SQLite
#        tools/postgres.sh run tools/fixture.sh FOLDER-OF-PROGRAMS FILE.sql       of PostgreSQL
source "$(dirname "$0")/lib.sh"

programs=$1 target=$2
for program in codika-dashboard codika-emulator; do
  [ -x "$programs/$program" ] || die "There is no $programs/$program: build it first."
done
[ ! -e "$target" ] || die "$target exists: a fixture is never replaced."
work=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait; rm -rf "$work"' EXIT

emulator_port=${FIXTURE_PORT:-5490}
dashboard_port=$((emulator_port + 1))
emulator="http://127.0.0.1:$emulator_port"
dashboard="http://127.0.0.1:$dashboard_port"

# usage: wait_for URL
wait_for() {
  for _ in $(seq 100); do
    curl -sf -o "$work/answer" "$1" && return
    sleep 0.1
  done
  die "$1 does not answer: $(tail -n 3 "$work"/*.log)"
}

"$programs/codika-emulator" --listen "127.0.0.1:$emulator_port" --speed 0.05 >"$work/emulator.log" 2>&1 &
pids+=($!)
wait_for "$emulator/_emulator/config"
# usage: of NAME of the first environment
of() { node -p "JSON.parse(require('fs').readFileSync('$work/answer')).environments[0].$1"; }
instance=$(of process_instance_id) key=$(of instance_key)

case $target in
*.db) database="sqlite://$work/made.db" ;;
*.sql) database=${DASHBOARD_TEST_POSTGRES_URL:?see the usage: tools/postgres.sh sets it} ;;
*) die "The file's name ends in .db or .sql." ;;
esac
(umask 077 && cp "$ROOT/server/tests/fixtures/master.key" "$work/master.key")
settings=(env -i "DASHBOARD_MASTER_KEY_FILE=$work/master.key" "DASHBOARD_LISTEN=127.0.0.1:$dashboard_port" "DASHBOARD_DATABASE_URL=$database"
  DASHBOARD_ADMIN_EMAIL=ann@example.com "DASHBOARD_ADMIN_PASSWORD=correct horse battery" CODIKA_PATH_STYLE=short
  "CODIKA_BASE_URL=$emulator" "DEV_PROCESS_INSTANCE_ID=$instance" "DEV_CODIKA_API_KEY=$key")
"${settings[@]}" "$programs/codika-dashboard" serve >"$work/dashboard.log" 2>&1 &
pids+=($!)
wait_for "$dashboard/readyz"
token=$("${settings[@]}" "$programs/codika-dashboard" token create --user ann@example.com --name fixture)

# usage: run WORKFLOW INPUT
run() {
  curl -sf -o /dev/null "$dashboard/api/v1/runs" -H "Authorization: Bearer $token" -H 'Content-Type: application/json' \
    -d "{\"environment\": \"dev\", \"workflow\": \"$1\", \"input\": $2}"
}
fault() { curl -sf -o /dev/null "$emulator/_emulator/faults" -H 'Content-Type: application/json' -d "$1"; }

run text-summary '{"text": "Three invoices are late. Two are not. One was paid twice."}'
run always-fails '{"error_type": "node_failure", "message": "The fixture fails."}'
run never-answers '{}'
sleep 4
fault '{"endpoint": "trigger", "status": 401}'
run text-summary '{"text": "Rejected."}'
sleep 1
fault '{"endpoint": "trigger", "drop_reply": true}'
run text-summary '{"text": "May have started."}'
sleep 1
curl -sf -o "$work/answer" "$dashboard/api/v1/runs?status=unconfirmed" -H "Authorization: Bearer $token"
unclear=$(node -p "JSON.parse(require('fs').readFileSync('$work/answer')).items[0].id")
curl -sf -o /dev/null "$dashboard/api/v1/runs/$unclear/actions" -H "Authorization: Bearer $token" \
  -H 'Content-Type: application/json' -d '{"action": "run_again_anyway"}'
sleep 4
# The last one is being sent when the copy is made.
fault '{"endpoint": "trigger", "hang": true}'
run text-summary '{"text": "Being sent."}'
sleep 1
case $target in
*.db) "${settings[@]}" "$programs/codika-dashboard" backup "$target" ;;
# `\restrict` is unknown to a psql of before August 2025.
*.sql) pg_dump --no-owner --no-privileges "$database" | sed '/^\\\(un\)\?restrict /d' >"$target" ;;
esac
