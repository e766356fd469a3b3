#!/usr/bin/env bash
# The card of a trained model, in Markdown: card.sh MODEL DATASET EPSILON COMMAND [LOG] >CARD.md
#
# COMMAND is what trained it, LOG that run's CSV. Everything else is measured here: proofs on all test images, at
# the radius and at two and three times it; PGD on all that are not certified; the figures of the first 1,000
# images, which tests/suite/model.cmake finds again. As a trial of the certificates, the certified ones among
# those are attacked, too. The program is that of build/release, the data set that
# of GLORO_DATA, or data.
set -euo pipefail
export LC_ALL=C
[[ $# == 4 || $# == 5 ]] || { echo "usage: card.sh MODEL DATASET EPSILON COMMAND [LOG]" >&2; exit 2; }
model=$1 dataset=$2 epsilon=$3 command=$4 log=${5:-}
root=$(realpath "$(dirname "$0")/../..")
gloro=$root/build/release/gloro
data=${GLORO_DATA:-$root/data}/$dataset
images=(--dataset "$dataset" --data "$data")
[[ $dataset != tiny-imagenet ]] || images=(--dataset mapped --data "$data")
times() { awk "BEGIN { printf \"%.17g\", $1 * $epsilon }"; }  # of 36/255, too

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$gloro" certify "$model" "${images[@]}" --epsilon "$(times 1)" "$(times 2)" "$(times 3)" >"$work/all"

clean() { sed -nE 's/.*clean accuracy ([0-9.]+) %.*/\1/p' "$1"; }
vras() { sed -nE 's/^ *[0-9.e-]+ +([0-9.]+) % .*/\1/p' "$1"; }
found() { sed -nE "s/.*$1 *([0-9.e+-]+).*/\1/p" "$work/${2:-attacked}"; }
mapfile -t vra < <(vras "$work/all")
[[ ${#vra[@]} == 3 ]] || { echo "card.sh: gloro certify's table is not what was expected" >&2; exit 1; }
attack() { "$gloro" attack "$model" "${images[@]}" --epsilon "$(times 1)" "$@"; }
attack --only_uncertified --tightness 20 >"$work/attacked"
attack --limit 1000 --csv "$work/rows" >"$work/first"
read -r certified moved < <(awk -F , -v epsilon="$(times 1)" '
  NR > 1 && $2 == $3 && $4 > epsilon { certified++; moved += $5 }
  END { print certified + 0, moved + 0 }' "$work/rows")
((moved == 0)) ||
  { echo "card.sh: an attack moved $moved certified images; please report this" >&2; exit 1; }
((certified > 0)) || { echo "card.sh: no image is certified to try the certificates on" >&2; exit 1; }

name=$(basename "$model" .safetensors)
threads=$(nproc)
processor=$(sed -nE 's/^model name\s*: //p' /proc/cpuinfo | head -n 1)
cat <<CARD
# $name

| | |
| --- | --- |
| data set | $dataset |
| epsilon | $epsilon |
| trained by | \`$command\` |
CARD
if [[ -n $log ]]; then
  awk -F , 'NR > 1 { sum += $NF; clean = $6; vra = $7; epsilon = $2 }
    END {
      printf "| training | %d epochs, %.0f s; training images at the end: clean %.2f %%, VRA %.2f %% at %s |\n",
        NR - 1, sum, 100 * clean, 100 * vra, epsilon
    }' "$log"
fi
cat <<CARD
| measured | $(date -u +%Y-%m-%d), ${processor:-unknown processor}, $threads thread$([[ $threads == 1 ]] || echo s) |
| clean | $(clean "$work/all") % |
| VRA at 1, 2 and 3 times epsilon | ${vra[0]} %, ${vra[1]} %, ${vra[2]} % |
| PGD, all images, 50 steps for each of two rivals | $(found pgd=) % |
| Lipschitz constant of the margins | at most $(found 'global upper bound'), at least $(found 'global lower bound') |
| first 1,000 images: clean, VRA | $(found clean= first) %, $(found vra= first) % |
| SHA-256 | \`$(sha256sum "$model" | cut -d ' ' -f 1)\` |
CARD
