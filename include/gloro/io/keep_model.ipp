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
#include "gloro/core/input_file.hpp"
#include "gloro/core/number.hpp"
#include "gloro/io/model_file.hpp"
#include "gloro/io/safetensors.hpp"

namespace gloro {

namespace detail {

/// The epochs after which the model in `file` was kept; 0: there is none that was.
[[nodiscard]] inline Index kept_epoch(const std::filesystem::path& file) try {
  if (!is_there(file)) return 0;
  const auto metadata = read_safetensors(file).metadata;
  const auto epoch = metadata.find("epoch");
  return epoch == metadata.end() ? 0 : to_whole<Index>(epoch->second).value_or(0);
} catch (const FileError&) {
  return 0;
}

}  // namespace detail

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
  if (kept.which != KeptEpochs::Which::best || so_far.empty()) return;
  const Index epoch = detail::kept_epoch(file_);
  for (const EpochReport& report : so_far)
    if (report.last.epoch + 1 == epoch) (void)is_better(report);
}

template <std::floating_point Scalar>
void KeepModel<Scalar>::epoch(const EpochReport& report) {
  using enum KeptEpochs::Which;
  const Index done = report.last.epoch + 1;
  const bool is_best = is_better(report);
  metadata_.other["epoch"] = std::to_string(done);
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
