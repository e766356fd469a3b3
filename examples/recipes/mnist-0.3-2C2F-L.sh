#!/usr/bin/env bash
# MNIST at 0.3 with 2C2F-L: mnist-0.3-2C2F-L.sh [EPOCHS]. Not in the paper: what its row gains by a wider network and
# Muon (docs/results.md), images moved by a pixel as in mnist-0.3.sh.
exec "$(dirname "$0")/recipe.sh" mnist 2C2F-L 0.3 "${1:-60}" \
  --loss trades_kl.1.5 \
  --epsilon_schedule '[0.3]-[20%:1.08]-[1.08]' \
  --batch_size 128 --power_iterations 10 \
  --optimizer muon --weight_decay 1 --lr 4e-3 --lr_schedule '[1]-[30%:1]-exp-[=0.000002]' \
  --augmentation crop:1
