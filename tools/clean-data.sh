#!/usr/bin/env bash
# Deletes ./data, but not under a running dashboard.
source "$(dirname "$0")/lib.sh"
cd "$ROOT"

[ -d data ] || { say "There is no ./data"; exit 0; }
for process in /proc/[0-9]*; do
  case $(readlink "$process/exe" 2>/dev/null) in
    "$ROOT"/target/*/codika-*) die "A dashboard or emulator of this checkout is running (process ${process#/proc/}): stop it first." ;;
  esac
done
rm -rf data
say "Deleted ./data; the next start begins afresh"
