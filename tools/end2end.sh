#!/usr/bin/env bash
# Browser tests against the programs of PROGRAMS_PROFILE, the release ones if nothing is said. Arguments go to Playwright.
source "$(dirname "$0")/lib.sh"
cd "$ROOT"

tools/setup.sh test
[ -x "$PROGRAMS/codika-dashboard" ] || die "There is no build in $PROGRAMS yet: run \`make build\` first."
cd end2end
exec node_modules/.bin/playwright test "$@"
