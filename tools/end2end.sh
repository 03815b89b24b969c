#!/usr/bin/env bash
# Browser tests against the release programs. Arguments go to Playwright.
source "$(dirname "$0")/lib.sh"
cd "$ROOT"

tools/setup.sh test
[ -x target/release/codika-dashboard ] || die "There is no release build yet: run \`make build\` first."
cd end2end
exec node_modules/.bin/playwright test "$@"
