// A network, images that it takes, and what is proved about them.
#pragma once

#include <gloro/certify/certifier.hpp>
#include <gloro/core/error.hpp>
#include <gloro/core/terminal.hpp>
#include <gloro/data/dataset.hpp>
#include <gloro/io/class_names.hpp>
#include <gloro/io/guarantee_json.hpp>
#include <gloro/io/input_range.hpp>
#include <gloro/io/model_file.hpp>
#include <gloro/layers/catalogue.hpp>
#include <gloro/parallel/workers.hpp>

#include "command_line.hpp"
#include "load_network.hpp"
#include "proof_options.hpp"

#include <algorithm>
#include <concepts>
#include <iostream>
#include <optional>
#include <string>
#include <utility>
#include <vector>

/// What the options say of files with networks.
inline gloro::LoadOptions load_options(const ProofOptions& o, const gloro::Catalogue& catalogue) {
  gloro::LoadOptions limits{.catalogue = catalogue};
  if (o.gigabytes > 0) limits.most_memory = 1e9 * o.gigabytes;
  return limits;
}

/// As many as were asked for; `classes` as ImageOptions::for_test has them.
inline gloro::data::Dataset chosen_images(const ProofOptions& o, std::vector<std::string> classes) {
  gloro::data::Dataset images = o.images.for_test(std::move(classes));
  return o.limit > 0 ? images.head(o.limit) : images;
}

template <std::floating_point Scalar>
struct Subject {
  gloro::GloroModel<Scalar> model;
  std::optional<double> trained_for;  ///< its epsilon
  gloro::data::Dataset images;
  gloro::RangeCheck range;
  std::vector<double> epsilons;  ///< those asked for, or else the model's, or those of the data set

  /// Warns in the name of `command` of images that leave the range of those trained on, and of a table
  /// that will have no rows.
  Subject(const std::string& command, const std::string& file, const ProofOptions& o,
          const gloro::LoadOptions& limits, std::ostream& people)
      : Subject(o, file, load(file, o, limits, people)) {
    if (!range.warning.empty()) command_line::warn(command, range.warning);
    if (epsilons.empty())
      command_line::warn(command, file + " names no radius to report on: give one by --epsilon");
  }

 private:
  using Loaded = std::pair<gloro::LoadedModel<Scalar>, gloro::data::Dataset>;

  /// Images say what an ONNX file may leave open, and a model file names the classes of images.
  static Loaded load(const std::string& file, const ProofOptions& o,
                     const gloro::LoadOptions& limits, std::ostream& people) {
    if (is_onnx(file)) {
      gloro::data::Dataset images = chosen_images(o, {});
      auto network = load_network<Scalar>(file, limits, images, people);
      return {std::move(network), std::move(images)};
    }
    auto network = gloro::load_model<Scalar>(file, limits);
    const int classes = static_cast<int>(network.model.classes());
    gloro::data::Dataset images =
        chosen_images(o, gloro::class_names_of(network.metadata, classes));
    return {std::move(network), std::move(images)};
  }

  Subject(const ProofOptions& o, const std::string& file, Loaded loaded)
      : model(std::move(loaded.first.model)),
        trained_for(loaded.first.metadata.epsilon),
        images(std::move(loaded.second)),
        epsilons(o.epsilons) {
    require_fit(file, model, images);
    range = gloro::check_range(images, file, loaded.first.metadata.input_range);
    if (epsilons.empty() && trained_for) epsilons.push_back(*trained_for);
    if (epsilons.empty()) epsilons = images.radii();
  }
};

/// The guarantee that the command line asks for, or the model's own.
template <std::floating_point Scalar>
gloro::Guarantee chosen_guarantee(const ProofOptions& o, const gloro::GloroModel<Scalar>& model,
                                  const std::vector<std::string>& class_names) {
  using gloro::Guarantee;
  if (!o.affinity.empty()) return gloro::read_affinity(o.affinity, model.classes(), class_names);
  if (o.top_k == 0) return model.guarantee();
  const Guarantee guarantee = Guarantee::top_k(o.top_k);
  command_line::checked([&] { guarantee.require_classes(model.classes()); });
  return guarantee;
}

template <std::floating_point Scalar>
gloro::Certificates certify_all(const gloro::Certifier<Scalar>& certifier,
                                const gloro::data::Dataset& images, gloro::Workers& workers) {
  using gloro::Index;
  constexpr Index step = 1024;  // images between two updates of the bar
  gloro::Certificates all;
  gloro::StatusLine status(std::cerr, [] { return gloro::terminal_columns(2); });
  for (Index first = 0; first < images.size(); first += step) {
    const Index count = std::min(step, images.size() - first);
    all.append(certifier.certify(images.part(first, count), {.workers = &workers}));
    const Index done = first + count;
    status.show({{gloro::message(done, " of ", images.size(), " images"), 0}},
                static_cast<double>(done), static_cast<double>(images.size()));
  }
  status.clear();
  return all;
}
