#!/usr/bin/env bash
# Fashion-MNIST at 0.3 with 2C2F-L: fashion-mnist-0.3.sh [EPOCHS]. Not in the paper. Muon reaches further than
# Adam in as many steps, and a wider network than 2C2F further still (docs/results.md).
exec "$(dirname "$0")/recipe.sh" fashion-mnist 2C2F-L 0.3 "${1:-40}" \
  --loss trades_kl.1.5 \
  --epsilon_schedule '[0.3]-[20%:1.08]-[1.08]' \
  --batch_size 128 --power_iterations 10 \
  --optimizer muon --weight_decay 1 --lr 4e-3 --lr_schedule '[1]-[30%:1]-exp-[=0.000002]' \
  --augmentation none
