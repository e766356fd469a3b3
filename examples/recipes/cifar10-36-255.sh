#!/usr/bin/env bash
# CIFAR-10 at 36/255 with 6C2F: cifar10-36-255.sh [EPOCHS]. In the paper: clean 77.0, PGD 69.2, VRA
# 58.4 (60.0 in the authors' later table), after 820 epochs. Twenty take half an hour of one core.
# The loss, start and radii are the published ones (train_cifar_gloro_t.sh in leino21_snapshot.zip of
# the authors' repository, klasleino/gloro), the augmentation is the later package's flip and zoom.
# What differs, for short runs: batches of 128 instead of 256, half the learning rate and its decay
# from 40 % on, no epochs of plain cross-entropy before eps rises.
exec "$(dirname "$0")/recipe.sh" cifar-10 6C2F 36/255 "${1:-20}" \
  --initialization glorot \
  --loss trades_kl.1.2 \
  --epsilon_schedule '[0.01]-log-[50%:1.1]' \
  --batch_size 128 \
  --lr 5e-4 --lr_schedule '[1]-[40%:1]-exp-[=0.000002]' \
  --augmentation standard
