#!/usr/bin/env bash
# Views must not contain what the page's CSP blocks (inline styles), what server rendering loses (prop:href and such)
# or what it writes into the document without escaping it.
source "$(dirname "$0")/lib.sh"
cd "$ROOT"

forbidden='(^|[^[:alnum:]_-])style=|(^|[^[:alnum:]_:])style:[a-z-]+=|<Style\b|prop:(href|src|content)\b'
# The one formatter, which escapes, is App's; a second one would stand in its place.
formatter='<Title\b[^>]*\bformatter\b'
# A server asks for a title when the signals of its page are gone: `title(…)` knows.
reactive='<Title\b[^>]*?\btext=\{?\s*(?:move\b|\|)'
# Children of these are written as they are: a text area takes `inner_html=area_text(…)` and nothing between its tags.
raw='<noscript\b|<textarea\b(?:(?!</textarea>).)*[^>\s]\s*</textarea>'

# usage: matching PATTERN FILE… → those files that hold it, also over several lines
matching() {
  node -e 'const [pattern, ...files] = process.argv.slice(1);
    for (const file of files) if (new RegExp(pattern, "s").test(require("fs").readFileSync(file, "utf8"))) console.log(file);' "$@"
}
sees() { [ -n "$(matching "$1" /dev/stdin <<<"$2")" ]; }

for line in '<p style="x">' 'style:width=move || w' '<Style>' 'prop:href=url' '<p class="a" style=x'; do
  grep -qE "$forbidden" <<<"$line" || die "this check no longer sees: $line"
done
for line in '<div class="code-style">' 'style: Style,' 'data-style="x"' 'href=url' 'style::Rule'; do
  ! grep -qE "$forbidden" <<<"$line" || die "this check sees an offence in: $line"
done
for view in '<Title formatter=|title| title />' $'<Title\n  text="x"\n  formatter=f />'; do
  sees "$formatter" "$view" || die "this check no longer sees: $view"
done
for view in '<Title text="x" />' '<Title text=card.name.clone() />'; do
  ! sees "$formatter" "$view" || die "this check sees an offence in: $view"
done
for view in '<Title text=move || t() />' $'<Title\n  text=|| t() />'; do
  sees "$reactive" "$view" || die "this check no longer sees: $view"
done
for view in '<Title text=title(move || t()) />' '<Title text="move" />'; do
  ! sees "$reactive" "$view" || die "this check sees an offence in: $view"
done
for view in '<textarea name="a">{text}</textarea>' $'<textarea\n  on:input=move |e| x.iter().for_each(|x| y > x)\n>\n  {form.schema}\n</textarea>' \
  '<textarea>"text"</textarea>' '<noscript>{text}</noscript>'; do
  sees "$raw" "$view" || die "this check no longer sees: $view"
done
for view in '<textarea name="a" inner_html=area_text(&text)></textarea>' $'<textarea\n  name="a"\n  inner_html=area_text(&text)\n></textarea>' \
  '<textarea></textarea> {text}' '<p>{text}</p> <textarea name="a"></textarea>'; do
  ! sees "$raw" "$view" || die "this check sees an offence in: $view"
done

if grep -rnE --include='*.rs' "$forbidden" app crates/ui; then
  die "use a class, an SVG attribute, <progress> or CSSOM in an effect instead (lines above)"
fi
mapfile -t views < <(find app/src crates/ui/src -name '*.rs' -not -path app/src/app.rs)
if [ -n "$(matching "$formatter" "${views[@]}" | tee /dev/stderr)" ]; then
  die "only App formats titles, and escapes them (files above)"
fi
if [ -n "$(matching "$reactive" "${views[@]}" | tee /dev/stderr)" ]; then
  die "a title that changes is <Title text=title(move || …) /> (files above)"
fi
if [ -n "$(matching "$raw" "${views[@]}" app/src/app.rs | tee /dev/stderr)" ]; then
  die "nothing stands between the tags of a text area: use inner_html=area_text(…); and there is no <noscript> (files above)"
fi
