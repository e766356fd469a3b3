#!/usr/bin/env bash
# MNIST at 1.58 with 4C3F: mnist-1.58.sh [EPOCHS]. In the paper: clean 97.0, PGD 81.9, VRA 62.8.
# The settings are the published ones (tools/README.md of the authors' repository, klasleino/gloro).
exec "$(dirname "$0")/recipe.sh" mnist 4C3F 1.58 "${1:-300}" \
  --loss trades_kl.1.5 \
  --epsilon_schedule '[0.01]-log-[50%:1.1]' \
  --batch_size 512 \
  --lr 1e-3 --lr_schedule decay_after_half_to_0.000001 \
  --augmentation none
