#!/usr/bin/env bash
# The vendor's command line tool against the emulator. Ends with 77 where its npm packages cannot be had.
source "$(dirname "$0")/lib.sh"
cd "$ROOT"

emulator="$PROGRAMS/codika-emulator"
[ -x "$emulator" ] || die "There is no build of the emulator in $PROGRAMS yet: run \`make build\` first."

install() {
  local staging
  staging=$(mktemp -d "$TOOLS_HOME/.installing.XXXXXX")
  say "Installing the vendor's command line tool (npm package codika $VENDOR_CLI_VERSION) with Node.js 22, seconds"
  cp end2end/vendor-cli/{package.json,package-lock.json} "$staging/"
  if npm ci --prefix "$staging" --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null; then
    mv -T "$staging" "$VENDOR_CLI_HOME"
  else
    rm -rf "$staging"
    say "NOT RUN: npm could not fetch codika $VENDOR_CLI_VERSION (its message is above)"
    exit "$NOT_RUN"
  fi
}

mkdir -p "$TOOLS_HOME"
lock "$TOOLS_HOME/.lock" "the build tools"
[ -e "$VENDOR_CLI_HOME/node_modules/codika/package.json" ] || install
unlock

# The tool needs Node.js 22. npm brings one for the common machines; elsewhere the system's must do.
node=$(compgen -G "$VENDOR_CLI_HOME/node_modules/node-linux-*/bin/node" | head -n 1 || command -v node)
if [ "$("$node" -p 'process.versions.node.split(".")[0]')" -lt 22 ]; then
  say "NOT RUN: the vendor's tool needs Node.js 22, and npm has none for this machine; the system's is $("$node" --version)"
  exit "$NOT_RUN"
fi

CODIKA_EMULATOR="$emulator" VENDOR_CLI_HOME="$VENDOR_CLI_HOME" VENDOR_CLI_NODE="$node" \
  exec node --test --test-reporter=spec end2end/vendor-cli/vendor-cli.test.mjs
