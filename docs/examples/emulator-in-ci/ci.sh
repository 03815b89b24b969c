#!/bin/sh
# A project's tests against its own Codika: start the emulator, test, look at what it received, stop it.
# CODIKA_EMULATOR is the program; needs curl.
set -eu
cd "$(dirname "$0")"

# Port 0 is a free one; the log says which.
log=$(mktemp)
"${CODIKA_EMULATOR:-codika-emulator}" --listen 127.0.0.1:0 --scenario scenario.json >"$log" &
emulator=$!
trap 'kill "$emulator"; rm -f "$log"' EXIT

base=''
for _ in $(seq 100); do
  base=$(sed -n 's|.*base_url="\{0,1\}\(http://[0-9.:]*\).*|\1|p' "$log")
  [ -n "$base" ] && break
  sleep 0.1
done

# From here on: your own tests. They get the address and the key as they would get the real ones.
export CODIKA_BASE_URL="$base"
export CODIKA_PROCESS_INSTANCE_ID=0198f2a0-0000-7000-8000-00000000e001
export CODIKA_API_KEY=ck_TEST_key_of_this_scenario_it_opens_nothing_else_0000000000000000

json='Content-Type: application/json'
call() { curl --silent --show-error --header "X-API-Key: $CODIKA_API_KEY" --header "$json" "$@"; }
check() {
  case $1 in
  *"$2"*) echo "ok: $3" ;;
  *) echo "failed: $3, got $1" && exit 1 ;;
  esac
}
# usage: run JSON → the last answer of status
run() {
  id=$(call "$CODIKA_BASE_URL/webhook/$CODIKA_PROCESS_INSTANCE_ID/score-lead" --data "{\"payload\":$1}" |
    sed 's/.*"executionId":"\([^"]*\)".*/\1/')
  for _ in $(seq 100); do
    answer=$(call "$CODIKA_BASE_URL/status/$CODIKA_PROCESS_INSTANCE_ID/$id")
    case $answer in *'"status":"pending"'*) sleep 0.1 ;; *) break ;; esac
  done
  echo "$answer"
}

check "$(run '{"email":"ann@acme.example"}')" 'Known budget' "a lead gets a grade"
check "$(run '{"email":"busy@crm.example"}')" '"message":"CRM answered 429"' "a busy CRM is an error"

# What happens to your program when Codika is in trouble?
curl --silent --header "$json" --data '{"endpoint":"trigger","status":503}' "$CODIKA_BASE_URL/_emulator/faults" >/dev/null
refused=$(call --output /dev/null --write-out '%{http_code}' --data '{"payload":{}}' \
  "$CODIKA_BASE_URL/webhook/$CODIKA_PROCESS_INSTANCE_ID/score-lead")
check "$refused" 503 "the fault is met"

# And what did it really send?
check "$(curl --silent "$CODIKA_BASE_URL/_emulator/ledger")" '"counts":{"triggers":3' "three triggers were sent"
