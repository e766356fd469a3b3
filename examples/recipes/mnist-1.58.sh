#!/usr/bin/env bash
# MNIST at 1.58 with 4C3F: mnist-1.58.sh [EPOCHS]. In the paper: clean 97.0, PGD 81.9, VRA 62.8.
# The loss is the published one (tools/README.md of the authors' repository, klasleino/gloro). Its
# batches of 512 need 300 epochs; what reaches further in fewer is smaller batches, eps at its full
# value after a fifth of the run, and estimates that keep up with the weights (docs/results.md).
exec "$(dirname "$0")/recipe.sh" mnist 4C3F 1.58 "${1:-88}" \
  --loss trades_kl.1.5 \
  --epsilon_schedule '[0.3]-[20%:1.08]-[1.08]' \
  --batch_size 64 --power_iterations 10 \
  --lr 5e-4 --lr_schedule '[1]-[30%:1]-exp-[=0.000002]' \
  --augmentation none
