#!/usr/bin/env bash
# Opens a report in a real browser: report_in_browser.sh CHROMIUM REPORT.html [SCREENSHOT.png]
# It must render, with its curve and its images; fetch nothing; and leave no word on the console.
set -euo pipefail

chromium=$1
report=$(realpath "$2")
screenshot=${3:+$(realpath "$3")}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

check() { # check DESCRIPTION COMMAND...: says what fails
  if "${@:2}"; then echo "ok      $1"; else echo "FAILED  $1"; failures=$((failures + 1)); fi
}

# browse FILE [FLAGS...]: the page's DOM on stdout; what the console says in $work/console.
browse() {
  rm -rf "$work/profile"
  timeout 120 "$chromium" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync \
    --hide-scrollbars --window-size=1200,900 --user-data-dir="$work/profile" \
    --enable-logging=stderr --v=0 "${@:2}" "file://$1" 2>"$work/log"
  grep CONSOLE "$work/log" >"$work/console" || true
}
says_something() { [[ -s $work/console ]]; }
says_nothing() { ! says_something || { cat "$work/console"; false; }; }
at_least() { [[ ${1:-0} -ge $2 ]] || { echo "        $1, expected at least $2"; false; }; }

# The checks must see what they look for: a page that fetches under the same policy is heard.
sed 's|</main>|<img src="http://example.invalid/a.png"></main>|' "$report" >"$work/broken.html"
browse "$work/broken.html" --dump-dom >/dev/null
check "a page that fetches is noticed" says_something

browse "$report" --dump-dom >"$work/dom.html"
check "the console stays silent" says_nothing
check "there is no script" test "$(grep -c '<script' "$work/dom.html")" -eq 0
check "all its security policy allows is inside it" \
  grep -q "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\"" \
  "$work/dom.html"
curve=$(tr -d '\n' <"$work/dom.html" | grep -oE 'id="curve".*</figure>' | head -1 |
  grep -oE 'class="line s0" d="[^"]{40,}"' | head -1 || true)
check "the curve has many points" at_least "$(grep -o L <<<"$curve" | wc -l)" 200
for section in radii classes confusion images network training origin; do
  check "there is a section $section" grep -q "<section id=\"$section\">" "$work/dom.html"
done

# What it looks like: a copy with a script measures itself. (The report's own policy forbids that.)
sed -e '/http-equiv="Content-Security-Policy"/d' -e '/^<\/body>/,$d' "$report" \
  >"$work/measured.html"
cat >>"$work/measured.html" <<'SCRIPT'
<script>
addEventListener("load", () => {
  const curve = document.querySelector("#curve > svg path.s0");
  const pictures = [...document.images];
  const facts = {
    title: document.title.length > 0 && document.querySelector("h1").offsetHeight > 0,
    curve: [...document.querySelectorAll("#curve > svg path")].every(
        (path) => path.getTotalLength() > 300 && path.getBoundingClientRect().width > 300),
    bars: getComputedStyle(document.querySelector("#histogram > svg path.filled")).fill.startsWith("rgb"),
    shaded: [...document.querySelectorAll("td.some")].length > 0 && [...document.querySelectorAll("td.some")].every(
        (cell) => !/^(transparent|rgba\(0, 0, 0, 0\))$/.test(getComputedStyle(cell).backgroundColor)),
    pairs: document.querySelectorAll(".pair").length > 10 && [...document.querySelectorAll(".pair")].every((pair) => {
      const [left, right] = [...pair.children].map((image) => image.getBoundingClientRect());
      return right.left > left.left && Math.abs(right.top - left.top) < 2 && right.width > 40;
    }),
    coloured: getComputedStyle(curve).stroke.startsWith("rgb"),
    pictures: pictures.length > 0 && pictures.every((p) => p.complete && p.naturalWidth > 1),
    inside: [...document.querySelectorAll("*")].every((element) =>
        ["src", "href", "srcset", "action", "data", "poster", "xlink:href"].every((name) =>
            /^(data:|#|$)/.test(element.getAttribute(name) ?? ""))) &&
        !/url\(|@import/.test([...document.querySelectorAll("style, [style]")].map(
            (e) => e.localName === "style" ? e.textContent : e.getAttribute("style")).join()) &&
        performance.getEntriesByType("resource").every((r) => r.name.startsWith("data:")),
    fits: document.documentElement.scrollWidth <= innerWidth,
    named: [...document.querySelectorAll("svg[role=img]")].every(
        (s) => s.getAttribute("aria-labelledby").split(" ").every(
            (id) => document.getElementById(id).textContent.length > 0)),
    headed: [...document.querySelectorAll("table")].every(
        (t) => t.caption && t.querySelector("thead th[scope=col]") &&
               t.querySelector("tbody th[scope=row]")),
  };
  for (const [fact, holds] of Object.entries(facts))
    document.documentElement.setAttribute("data-" + fact, holds);
});
</script>
SCRIPT
browse "$work/measured.html" --dump-dom >"$work/measured-dom.html"
holds() { grep -oE '<html[^>]*>' "$work/measured-dom.html" | grep -q "data-$1=\"true\""; }
check "the heading is shown" holds title
check "the curve is drawn, and wide" holds curve
check "the curve has its colour" holds coloured
check "every image can be decoded" holds pictures
check "nothing outside the page is named or fetched" holds inside
check "the histogram is filled" holds bars
check "the confusions are shaded" holds shaded
check "adversarials stand beside their images" holds pairs
check "nothing sticks out at 1200 pixels" holds fits
check "every chart has a title and a description" holds named
check "every table has a caption and headers" holds headed

# As wide as a phone, in a frame: a window of its own cannot be.
cat >"$work/phone.html" <<'FRAME'
<!doctype html><html><iframe src="measured.html" style="width: 390px; height: 800px; border: 0"></iframe>
<script>
addEventListener("load", () => {
  const view = document.querySelector("iframe").contentWindow;
  document.documentElement.setAttribute("data-narrow", view.innerWidth === 390 &&
      view.document.getElementById("curve") !== null && view.document.documentElement.scrollWidth <= 390);
});
</script></html>
FRAME
browse "$work/phone.html" --allow-file-access-from-files --dump-dom >"$work/measured-dom.html"
check "nothing sticks out at 390 pixels" holds narrow

if [[ -n $screenshot ]]; then
  browse "$report" --window-size=1200,5600 --screenshot="$screenshot" >/dev/null
  check "a screenshot is taken" test -s "$screenshot"
fi
echo "$failures failed"
[[ $failures == 0 ]]
