// What a report is made of: certificates with their images, the layers with both Lipschitz numbers,
// a training log.
#pragma once

#include <concepts>
#include <string>
#include <utility>
#include <vector>

#include "gloro/certify/certificate.hpp"
#include "gloro/certify/certifier.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/data/dataset.hpp"
#include "gloro/model/guarantee.hpp"
#include "gloro/report/training_log.hpp"

namespace gloro {

/// A layer as the report shows it.
struct ReportLayer {
  std::string text;  ///< type and options
  Shape output;
  Index parameters = 0;    ///< trained values
  double estimate = 1;     ///< by power iteration: never above the true constant
  double upper_bound = 1;  ///< rigorous: never below it
  bool is_quick = false;   ///< a rough bound, for a better would cost too much
};

/// The nearest point that an attack (attack::boundary, aimed at the top class) found beside each image.
struct ReportAttack {
  Tensor<float> points = {};           ///< a sample an image
  std::vector<double> distances = {};  ///< in 2-norm; infinite where none was found
  std::vector<int> labels = {};        ///< the top class there, or the strongest rival of a tie

  [[nodiscard]] bool empty() const { return distances.empty(); }
};

/// Another network's answers for the same images, to be compared; three at most.
struct ReportRival {
  std::string model;
  Certificates certified = {};
};

/// Everything that write_report shows. Parts that are left empty are left out of the page.
struct ReportInput {
  std::string model;                     ///< the page's title: the model's name or file
  Shape input;                           ///< of one image
  std::vector<ReportLayer> layers = {};  ///< the head last
  data::Dataset images = {};             ///< with labels or without; it names the classes
  Certificates certified = {};           ///< an answer an image, with the best radius proved
  double epsilon = 0;                    ///< the radius that the headline quotes
  std::vector<double> epsilons = {};     ///< more radii for the table, in any order
  Guarantee guarantee = {};              ///< the certifier's
  std::string warning = {};              ///< said at the top: images in another unit, say
  report::TrainingLog log = {};
  ReportAttack attack = {};
  std::vector<ReportRival> rivals = {};
  /// Where it came from, in words: a name and what stands beside it (command, version, data ...).
  std::vector<std::pair<std::string, std::string>> origin = {};
};

/// The layers of a certified model: rigorous bounds as the certifier uses them, estimates by power
/// iteration in double until it settles.
template <std::floating_point Scalar>
[[nodiscard]] std::vector<ReportLayer> report_layers(const Certifier<Scalar>& certifier);

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/report/content.ipp"
#endif
