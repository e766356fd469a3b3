#!/usr/bin/env bash
# Fashion-MNIST at 0.5 with 4C3F: fashion-mnist-0.5.sh [EPOCHS]. Not in the paper: a baseline
# with the settings published for MNIST at 1.58, as in mnist-1.58.sh.
exec "$(dirname "$0")/recipe.sh" fashion-mnist 4C3F 0.5 "${1:-300}" \
  --loss trades_kl.1.5 \
  --epsilon_schedule '[0.01]-log-[50%:1.1]' \
  --batch_size 512 \
  --lr 1e-3 --lr_schedule decay_after_half_to_0.000001 \
  --augmentation none
