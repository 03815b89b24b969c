#!/usr/bin/env bash
# Sets up, builds and runs; `make start`.
source "$(dirname "$0")/lib.sh"
cd "$ROOT"

# Before ten minutes of building, not after.
! has node || node tools/start.mjs --check
tools/build.sh
exec node tools/start.mjs
