#!/usr/bin/env bash
# Sets up what `make dev` needs, then hands over to tools/dev.mjs.
source "$(dirname "$0")/lib.sh"
cd "$ROOT"

tools/setup.sh build
exec node tools/dev.mjs
