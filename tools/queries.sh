#!/usr/bin/env bash
# Has every statement of crates/store checked by the compiler against a real SQLite and a real PostgreSQL.
# usage: tools/queries.sh write    writes the answers to crates/store/.sqlx
#        tools/queries.sh check    fails when they would differ from what is committed
# Needs DASHBOARD_TEST_POSTGRES_URL: tools/postgres.sh run tools/queries.sh write
source "$(dirname "$0")/lib.sh"
cd "$ROOT/crates/store"

has sqlite3 || die "sqlite3 is needed to check the statements: install the package sqlite3."
has psql || die "psql is needed to check the statements: install the package postgresql."
[ -n "${DASHBOARD_TEST_POSTGRES_URL:-}" ] || die "Run this under tools/postgres.sh run."

work=$(mktemp -d)
database="queries_$$"
on_server() { psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 "$@"; }
trap 'rm -rf "$work"; on_server "$DASHBOARD_TEST_POSTGRES_URL" --command "DROP DATABASE IF EXISTS $database" || true' EXIT
mkdir "$work/found"

# One migration changes the stored text of tables, which newer shells do not let.
cat migrations/sqlite/*.sql | sqlite3 -bail -cmd '.dbconfig defensive off' "$work/tables.db" >/dev/null
on_server "$DASHBOARD_TEST_POSTGRES_URL" --command "CREATE DATABASE $database"
postgres_url=${DASHBOARD_TEST_POSTGRES_URL%/*}/$database
cat migrations/postgres/*.sql | on_server "$postgres_url" --single-transaction --file=- >/dev/null

# usage: compile DATABASE URL
compile() {
  # Only a crate that is compiled is checked.
  touch build.rs
  STORE_PREPARE=$1 DATABASE_URL=$2 SQLX_OFFLINE_DIR="$work/found" CARGO_INCREMENTAL=0 \
    build_as_for_tests ||
    die "A statement is not one that $1 understands (see above)."
}
compile sqlite "sqlite://$work/tables.db"
compile postgres "$postgres_url"

case ${1:-} in
  write)
    rm -rf .sqlx
    cp -r "$work/found" .sqlx
    say "$(find .sqlx -name '*.json' | wc -l) statements are checked"
    ;;
  check)
    diff -r "$work/found" .sqlx >"$work/difference" ||
      die "crates/store/.sqlx is out of date: run tools/postgres.sh run tools/queries.sh write, and commit it." \
        "$(head -n 5 "$work/difference")"
    say "$(find .sqlx -name '*.json' | wc -l) statements are checked"
    ;;
  *) die "usage: tools/queries.sh write|check" ;;
esac
