#!/usr/bin/env bash
# A PostgreSQL of its own for tests: a folder under the temporary directory, loopback only, a free port.
# usage: tools/postgres.sh run COMMAND…    starts one, runs COMMAND with DASHBOARD_TEST_POSTGRES_URL, stops it
#        tools/postgres.sh start FOLDER    starts the one in FOLDER (made if missing); prints its URL
#        tools/postgres.sh stop FOLDER [fast|immediate]
source "$(dirname "$0")/lib.sh"

# Debian keeps the server's programs out of PATH; the newest version wins.
find_binaries() {
  local folder
  for folder in $(compgen -G '/usr/lib/postgresql/*/bin' | sort -rV) "$(dirname "$(command -v initdb || echo /none/x)")"; do
    [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ] && BIN=$folder && return
  done
  die "PostgreSQL is needed for the tests: install the package postgresql (Debian: apt-get install postgresql)."
}

# PostgreSQL refuses to run as root.
unprivileged() {
  if [ "$(id -u)" != 0 ]; then
    "$@"
  else
    runuser -u "$SERVER_USER" -- "$@"
  fi
}

if [ "$(id -u)" = 0 ]; then
  SERVER_USER=nobody
  ! id -u postgres >/dev/null 2>&1 || SERVER_USER=postgres
  has runuser || die "runuser (package util-linux) is needed to start PostgreSQL from root."
fi

start() {
  local folder=$1 port
  if [ ! -e "$folder/data/PG_VERSION" ]; then
    mkdir -p "$folder"
    [ "$(id -u)" != 0 ] || chown "$SERVER_USER" "$folder"
    (cd "$folder" && unprivileged "$BIN/initdb" --pgdata "$folder/data" --username dashboard --auth trust \
      --encoding UTF8 --locale C --no-sync >"$folder/initdb.log" 2>&1) ||
      die "initdb failed in $folder: $(tail -n 1 "$folder/initdb.log" 2>/dev/null)"
  fi
  # A restart keeps its port: whoever was connected finds it again.
  for _ in 1 2 3 4 5 6 7 8; do
    port=$(cat "$folder/port" 2>/dev/null || echo $((20000 + RANDOM % 12000)))
    if (cd "$folder" && unprivileged "$BIN/pg_ctl" --pgdata "$folder/data" --log "$folder/server.log" --wait --timeout 60 \
      --options "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories= -c max_connections=400 -c shared_buffers=64MB -c fsync=${POSTGRES_FSYNC:-off}" \
      start >"$folder/start.log" 2>&1 </dev/null 9>&-); then
      echo "$port" >"$folder/port"
      echo "postgres://dashboard@127.0.0.1:$port/postgres"
      return
    fi
    [ ! -e "$folder/port" ] || break
  done
  die "PostgreSQL did not start in $folder: $(tail -n 1 "$folder/server.log" 2>/dev/null)"
}

stop() {
  (cd "$1" && unprivileged "$BIN/pg_ctl" --pgdata "$1/data" --mode "${2:-fast}" --wait --timeout 60 stop >/dev/null 2>&1) || true
}

find_binaries
case ${1:-} in
  start) start "$2" ;;
  stop) stop "$2" "${3:-fast}" ;;
  run)
    shift
    folder=$(mktemp -d "${TMPDIR:-/tmp}/dashboard-postgres.XXXXXX")
    chmod 755 "$folder"
    trap 'stop "$folder" immediate; rm -rf "$folder"' EXIT
    DASHBOARD_TEST_POSTGRES_URL=$(start "$folder")
    export DASHBOARD_TEST_POSTGRES_URL
    "$@"
    ;;
  *) die "usage: tools/postgres.sh run COMMAND… | start FOLDER | stop FOLDER [fast|immediate]" ;;
esac
