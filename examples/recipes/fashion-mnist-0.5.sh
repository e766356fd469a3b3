#!/usr/bin/env bash
# Fashion-MNIST at 0.5 with 4C3F: fashion-mnist-0.5.sh [EPOCHS]. Not in the paper: a baseline
# with the settings of mnist-1.58.sh.
exec "$(dirname "$0")/recipe.sh" fashion-mnist 4C3F 0.5 "${1:-10}" \
  --loss trades_kl.1.5 \
  --epsilon_schedule '[0.3]-[20%:1.08]-[1.08]' \
  --batch_size 64 --power_iterations 10 \
  --lr 5e-4 --lr_schedule '[1]-[30%:1]-exp-[=0.000002]' \
  --augmentation none
