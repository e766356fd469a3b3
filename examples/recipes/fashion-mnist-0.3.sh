#!/usr/bin/env bash
# Fashion-MNIST at 0.3 with 2C2F: fashion-mnist-0.3.sh [EPOCHS]. Not in the paper: a baseline
# with the settings of mnist-0.3.sh.
exec "$(dirname "$0")/recipe.sh" fashion-mnist 2C2F 0.3 "${1:-80}" \
  --loss trades_kl.1.5 \
  --epsilon_schedule '[0.01]-log-[50%:1.1]' \
  --batch_size 128 \
  --lr 1e-3 --lr_schedule decay_after_half_to_0.000001 \
  --augmentation crop:1
