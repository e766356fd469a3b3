// The bodies of keep_model.hpp.
#pragma once

#include "gloro/io/keep_model.hpp"

#include <concepts>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/number.hpp"
#include "gloro/io/model_file.hpp"

namespace gloro {

GLORO_INLINE KeptEpochs read_kept_epochs(const std::string& text) {
  using enum KeptEpochs::Which;
  if (text == "last") return {last};
  if (text == "best") return {best};
  if (text.starts_with("every:"))
    if (const auto interval = to_whole<Index>(text.substr(6)); interval && *interval > 0)
      return {every, *interval};
  throw ArgumentError(message("expected last, best or every:N, got '", text, "'"));
}

template <std::floating_point Scalar>
KeepModel<Scalar>::KeepModel(const GloroModel<Scalar>& model, std::filesystem::path file,
                             ModelMetadata metadata, KeptEpochs kept,
                             const std::vector<EpochReport>& so_far)
    : model_(&model), file_(std::move(file)), metadata_(std::move(metadata)), kept_(kept) {
  for (const EpochReport& report : so_far) (void)is_better(report);
}

template <std::floating_point Scalar>
void KeepModel<Scalar>::epoch(const EpochReport& report) {
  using enum KeptEpochs::Which;
  const Index done = report.last.epoch + 1;
  const bool is_best = is_better(report);
  if (kept_.which == last || (kept_.which == best && is_best))
    save_model(file_, *model_, metadata_);
  if (kept_.which == every && done % kept_.interval == 0)
    save_model(file_.parent_path() /
                   (file_.stem().string() + message("-epoch-", done) + file_.extension().string()),
               *model_, metadata_);
}

template <std::floating_point Scalar>
bool KeepModel<Scalar>::is_better(const EpochReport& report) {
  const double vra = report.test.estimated_vra();
  if (best_epoch_ > 0 && !(vra > best_)) return false;
  best_ = vra;
  best_epoch_ = report.last.epoch + 1;
  return true;
}

#ifdef GLORO_COMPILING
template class KeepModel<float>;
template class KeepModel<double>;
#endif

}  // namespace gloro
