// KeepCheckpoint: an observer that keeps a run's state on disk, so that it can go on after any epoch.
#pragma once

#include <concepts>
#include <filesystem>

#include "gloro/train/reports.hpp"
#include "gloro/train/trainer.hpp"

namespace gloro {

/// Stands behind a CsvLog among the observers: the log comes first, for a line too many is taken back
/// by the resume, and one too few is not.
template <std::floating_point Scalar>
class KeepCheckpoint {
 public:
  /// `trainer` must outlive this.
  KeepCheckpoint(Trainer<Scalar>& trainer, std::filesystem::path file);

  /// Throws FileError if the file cannot be written; what was there stays.
  void epoch(const EpochReport&);

 private:
  Trainer<Scalar>* trainer_;
  std::filesystem::path file_;
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/train/keep_checkpoint.ipp"
#endif
