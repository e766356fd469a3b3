// The bodies of keep_checkpoint.hpp.
#pragma once

#include "gloro/train/keep_checkpoint.hpp"

#include <concepts>
#include <filesystem>
#include <utility>

namespace gloro {

template <std::floating_point Scalar>
KeepCheckpoint<Scalar>::KeepCheckpoint(Trainer<Scalar>& trainer, std::filesystem::path file)
    : trainer_(&trainer), file_(std::move(file)) {}

template <std::floating_point Scalar>
void KeepCheckpoint<Scalar>::epoch(const EpochReport&) {
  trainer_->save_checkpoint(file_);
}

#ifdef GLORO_COMPILING
template class KeepCheckpoint<float>;
template class KeepCheckpoint<double>;
#endif

}  // namespace gloro
