#!/usr/bin/env bash
# Opens the page of proofs (examples/browser) in a real browser, from the disk, and uses it:
#   proofs_in_browser.sh CHROMIUM FOLDER PROOFS.js
# Its labels must be those of PROOFS.js, its radii the same but for rounding; what one draws must be read,
# and the page must fetch nothing and leave no word on the console.
set -euo pipefail

chromium=$1
folder=$(realpath "$2")
proofs=$(realpath "$3")
here=$(dirname "$(realpath "$0")")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

check() { # check DESCRIPTION COMMAND...: says what fails
  if "${@:2}"; then echo "ok      $1"; else echo "FAILED  $1"; failures=$((failures + 1)); fi
}

# A copy of the page, one that is asked by two scripts more, and one in a frame as wide as a phone.
cp -r "$folder" "$work/page"
cp "$proofs" "$work/page/proofs.js"
cp "$here/ask_page.js" "$work/page"
sed 's|^</body>|<script src="proofs.js"></script>\n<script src="ask_page.js"></script>\n</body>|' \
  "$folder/index.html" >"$work/page/asked.html"
cat >"$work/page/narrow.html" <<'FRAME'
<!doctype html><html><iframe src="index.html" style="width: 390px; height: 800px; border: 0"></iframe>
<script>
const answers = setInterval(() => {
  const view = document.querySelector("iframe").contentWindow;
  if (!view.document.getElementById("answer")?.textContent.startsWith("Draw")) return;
  document.documentElement.setAttribute("data-narrow", view.innerWidth === 390 &&
      view.document.documentElement.scrollWidth <= 390 && view.board.getBoundingClientRect().width > 250);
  clearInterval(answers);
}, 100);
</script></html>
FRAME

# browse FILE: the page's DOM in $work/dom, what the console says in $work/console. Frames from the disk may be
# looked into; time passes as fast as the page allows.
browse() {
  rm -rf "$work/profile"
  timeout 500 "$chromium" --headless --no-sandbox --disable-gpu --disable-quic --no-first-run \
    --disable-background-networking --disable-component-update --disable-sync --allow-file-access-from-files \
    --window-size=1200,900 --user-data-dir="$work/profile" --virtual-time-budget=120000 \
    --enable-logging=stderr --v=0 --dump-dom "file://$work/page/$1" >"$work/dom" 2>"$work/log"
  grep CONSOLE "$work/log" >"$work/console" || true
}
fact() { grep -oE '<html[^>]*>' "$work/dom" | grep -oE "data-$1=\"[^\"]*\"" | cut -d '"' -f 2; }
holds() { [[ $(fact "$1") == true ]]; }
fails() { [[ $(fact "$1") == false ]]; }
says_nothing() { [[ ! -s $work/console ]] || { cut -c 1-300 "$work/console"; false; }; }

browse asked.html
check "the page is asked everything" holds done
echo "        $(fact count) images; radii differ by at most $(fact worst) of themselves; a line: $(fact line)"
check "it gives every image the label that is proved here" holds labels
check "it proves the radii that are proved here, but for rounding" holds radii
check "an empty board asks for a digit" holds cleared
check "a line that is drawn is a 1" holds drawn
check "the ten digits that it draws are read as what they are" holds digits
check "it abstains where epsilon is beyond the radius, and only there" holds abstains
check "the attack stays in the ball, and the answer stays" holds inside
check "it says so" holds attacked
check "what is found outside lies beyond the radius" holds across
check "the ring has the certified radius" holds ring
check "the four pictures are as far apart as they say" holds pictures
check "a screen reader is told the answer, the ring, the pictures and the table" holds readable
check "every input has its label" holds inputs
check "nothing sticks out at 1200 pixels" holds fits
check "the console stays silent" says_nothing
check "its policy allows no address but its own" grep -q \
  "content=\"default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src data:; connect-src data:\"" \
  "$folder/index.html"
check "nothing in it is fetched from elsewhere" bash -c "! grep -nE '(src|href)=\"(https?:)?//' '$folder'/*.html '$folder'/*.css"
check "it has less than 3 MB" test "$(du -bs "$folder" | cut -f 1)" -lt 3000000

browse narrow.html
check "nothing sticks out at 390 pixels" holds narrow
check "the console stays silent there" says_nothing

# The checks must see what they look for.
sed -i -E 's/("radius":0\.[0-9]{3})[0-9]/\19/g' "$work/page/proofs.js"
browse asked.html
check "other radii are noticed" fails radii

echo "$failures failed"
[[ $failures == 0 ]]
