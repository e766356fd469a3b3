#!/usr/bin/env bash
# CIFAR-10 at 36/255 with LiResNet-S: cifar10-36-255-LiResNet-S.sh [EPOCHS]. A network of the linear
# residual blocks of Hu et al. (2023), with their loss, EMMA. An epoch takes two thirds of the time of
# one of 6C2F, the 88 together 100 minutes of one core.
exec "$(dirname "$0")/recipe.sh" cifar-10 LiResNet-S 36/255 "${1:-88}" \
  --loss emma \
  --epsilon_schedule '[0.3]-[20%:1.08]-[1.08]' \
  --batch_size 64 \
  --lr 5e-4 --lr_schedule '[1]-[30%:1]-exp-[=0.000002]' \
  --augmentation standard
