#!/usr/bin/env bash
# Views must not contain what the page's CSP blocks (inline styles) or what server rendering loses (prop:href and such).
source "$(dirname "$0")/lib.sh"
cd "$ROOT"

forbidden='(^|[^[:alnum:]_-])style=|(^|[^[:alnum:]_:])style:[a-z-]+=|<Style\b|prop:(href|src|content)\b'

for line in '<p style="x">' 'style:width=move || w' '<Style>' 'prop:href=url' '<p class="a" style=x'; do
  grep -qE "$forbidden" <<<"$line" || die "this check no longer sees: $line"
done
for line in '<div class="code-style">' 'style: Style,' 'data-style="x"' 'href=url' 'style::Rule'; do
  ! grep -qE "$forbidden" <<<"$line" || die "this check sees an offence in: $line"
done

if grep -rnE --include='*.rs' "$forbidden" app crates/ui; then
  die "use a class, an SVG attribute, <progress> or CSSOM in an effect instead (lines above)"
fi
