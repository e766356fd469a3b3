// KeepModel: an observer that writes models while a run goes on, which can be certified at once.
#pragma once

#include <concepts>
#include <filesystem>
#include <string>
#include <vector>

#include "gloro/core/shape.hpp"
#include "gloro/io/model_metadata.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/train/reports.hpp"

namespace gloro {

/// Of which epochs the model is kept.
struct KeptEpochs {
  enum class Which { none, last, best, every };
  Which which = Which::none;
  Index interval = 1;  ///< of `every`
};

/// Reads "last", "best" or "every:N". Throws ArgumentError for anything else.
[[nodiscard]] KeptEpochs read_kept_epochs(const std::string& text);

/// Stands before a KeepCheckpoint among the observers: an epoch whose model was written and whose state
/// was not is gone through again by a resumed run, to the same bits.
template <std::floating_point Scalar>
class KeepModel {
 public:
  /// `model` must outlive this. After each epoch `file` has the last model or that of the best
  /// estimated test VRA so far; or each N-th goes to a file of its own, NAME-epoch-N.EXTENSION.
  /// The file says in its metadata, as `epoch`, after how many epochs. `so_far`: Trainer::reports() of a
  /// run that goes on: the best so far is the one of them that `file`, which is of that run, has, for others are lost.
  KeepModel(const GloroModel<Scalar>& model, std::filesystem::path file, ModelMetadata metadata,
            KeptEpochs kept, const std::vector<EpochReport>& so_far = {});

  /// Throws FileError if the file cannot be written; what was there stays.
  void epoch(const EpochReport& report);

  /// The epochs done by which the best model was found; 0: none yet.
  [[nodiscard]] Index best_epoch() const { return best_epoch_; }

 private:
  [[nodiscard]] bool is_better(const EpochReport& report);

  const GloroModel<Scalar>* model_;
  std::filesystem::path file_;
  ModelMetadata metadata_;
  KeptEpochs kept_;
  double best_ = 0;
  Index best_epoch_ = 0;
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/io/keep_model.ipp"
#endif
