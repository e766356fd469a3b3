#!/usr/bin/env bash
# CIFAR-10 at 36/255 with LiResNet-S: cifar10-36-255-LiResNet-S.sh [EPOCHS]. A network of the linear
# residual blocks of Hu et al. (2023), with their loss, EMMA, and their radius, which grows past the one that
# counts. An epoch takes two thirds of the time of one of 6C2F, the 96 together an hour of two cores.
exec "$(dirname "$0")/recipe.sh" cifar-10 LiResNet-S 36/255 "${1:-96}" \
  --loss emma \
  --epsilon_schedule '[0.1]-[50%:1.5]-[1.5]' \
  --batch_size 64 --power_iterations 10 \
  --lr 5e-4 --lr_schedule '[1]-[30%:1]-exp-[=0.000002]' \
  --augmentation standard
