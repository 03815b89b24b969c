#!/usr/bin/env bash
# Breaks the dashboard while programs submit runs, then compares database and emulator both ways.
# With --postgres: two dashboards on a PostgreSQL of their own, which is broken as well.
# usage: tools/chaos.sh [run|syscalls|resume [ARGUMENT…]]    CHAOS_SEED=N plays one schedule again; syscalls --every enumerates
#        tools/chaos.sh build    only what breaks them, in one build with the tests; CHAOS_IS_BUILT says that this was done
source "$(dirname "$0")/lib.sh"
cd "$ROOT"

if [ "${1:-}" = build ]; then
  build_as_for_tests --bin chaos
  exit
fi

for program in codika-dashboard codika-emulator; do
  [ -x "$PROGRAMS/$program" ] || die "There is no build of $program in $PROGRAMS yet: run \`make build\` first."
done
[ $# != 0 ] || set -- run
if [[ " $* " == *" --postgres "* ]] && ! has initdb && ! compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null; then
  echo "No chaos on PostgreSQL: its server programs are not installed (Debian: apt-get install postgresql)."
  exit "$NOT_RUN"
fi
# The programs that are broken are release builds; the one that breaks them need not be.
[ -n "${CHAOS_IS_BUILT:-}" ] || CARGO_INCREMENTAL=0 cargo build --locked --quiet --package chaos
command=$1
shift
exec target/debug/chaos "$command" --dashboard "$PROGRAMS/codika-dashboard" --emulator "$PROGRAMS/codika-emulator" "$@"
