#!/usr/bin/env bash
# CIFAR-10 at 36/255 with 6C2F: cifar10-36-255.sh [EPOCHS]. In the paper: clean 77.0, PGD 69.2, VRA
# 58.4 (60.0 in the authors' later table).
# The settings are the published ones (train_cifar_gloro_t.sh in leino21_snapshot.zip of the
# authors' repository, klasleino/gloro), but the augmentation is the later package's flip and zoom.
# Of 820 epochs 20 warm up by plain cross-entropy: eps and lambda are 0 until 20/820 = 2.44 % of the
# run. Then eps rises through the first half of the other 800, until 420/820 = 51.22 %.
exec "$(dirname "$0")/recipe.sh" cifar-10 6C2F 36/255 "${1:-820}" \
  --initialization glorot \
  --loss trades_kl.1.2 --trades_schedule '[0][2.44%:1]' \
  --epsilon_schedule '[0][2.44%:0.01]-log-[51.22%:1.1]' \
  --batch_size 256 \
  --lr 1e-3 --lr_schedule '[1]-[51.22%:1]-exp-[=0.000001]' \
  --augmentation standard
