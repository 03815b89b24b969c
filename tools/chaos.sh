#!/usr/bin/env bash
# Breaks the dashboard while programs submit runs, then compares database and emulator both ways.
# With --postgres: two dashboards on a PostgreSQL of their own, which is broken as well.
# usage: tools/chaos.sh [run|syscalls|resume [ARGUMENT…]]    CHAOS_SEED=N plays one schedule again; syscalls --every enumerates
source "$(dirname "$0")/lib.sh"
cd "$ROOT"

for program in codika-dashboard codika-emulator; do
  [ -x "target/release/$program" ] || die "There is no release build of $program yet: run \`make build\` first."
done
[ $# != 0 ] || set -- run
if [[ " $* " == *" --postgres "* ]] && ! has initdb && ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then
  echo "No chaos on PostgreSQL: its server programs are not installed (Debian: apt-get install postgresql)."
  exit "$NOT_RUN"
fi
# The programs that are broken are release builds; the one that breaks them need not be.
CARGO_INCREMENTAL=0 cargo build --locked --quiet --package chaos
exec target/debug/chaos "$@"
