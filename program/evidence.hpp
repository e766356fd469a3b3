// Evidence: what `gloro certify --evidence` writes, so that another program can check each answer without
// trusting this one (docs/evidence.md). Every number in it is exact, an integer and a power of two, and
// rounded to the side that claims less.
#pragma once

#include <gloro/certify/certifier.hpp>
#include <gloro/core/detail/endian.hpp>
#include <gloro/core/error.hpp>
#include <gloro/core/infinity.hpp>
#include <gloro/core/input_file.hpp>
#include <gloro/data/dataset.hpp>
#include <gloro/io/json.hpp>
#include <gloro/lipschitz/row_distances.hpp>
#include <gloro/rounding/environment.hpp>
#include <gloro/rounding/outward.hpp>
#include <gloro/rounding/product.hpp>

#include "sha256.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace evidence {

using namespace gloro;

// Significant bits. The constants have more than the bounds, and so betray any bound that is changed by
// its last; the radius has fewer than what the proof leaves open.
inline constexpr int bound_bits = 32, constant_bits = 40, radius_bits = 28;

/// The least m 2^e not below `value`, m of `bits` bits.
struct Dyadic {
  std::int64_t m = 0;
  int e = 0;
  [[nodiscard]] double value() const { return std::ldexp(static_cast<double>(m), e); }
};

[[nodiscard]] inline Dyadic dyadic(double value, int bits, bool is_up) {
  if (!(value >= 0 && value < infinity))
    throw Error(message("evidence holds finite numbers only, got ", value));
  int exponent = 0;
  const double scaled = std::ldexp(std::frexp(value, &exponent), bits);  // exact
  return {static_cast<std::int64_t>(is_up ? std::ceil(scaled) : std::floor(scaled)),
          value == 0 ? 0 : exponent - bits};
}

[[nodiscard]] inline OrderedJson to_json(const Dyadic& d) { return {d.m, d.e}; }

/// The bounds t_l, rounded up, and the K_ji that follow from them.
class Constants {
 public:
  template <std::floating_point Scalar>
  explicit Constants(const Certifier<Scalar>& certifier)
      : bounds_(certifier.layer_bounds().size()), proved_(certifier.margin_constants()) {
    std::vector<double> raised;
    for (std::size_t l = 0; l < bounds_.size(); ++l) {
      bounds_[l] = dyadic(certifier.layer_bounds()[l], bound_bits, true);
      raised.push_back(bounds_[l].value());
    }
    const double product = rounding::product_up(raised);
    const Matrix<double> distances = lipschitz::row_distances(certifier.model().head().weight());
    claimed_.resize(static_cast<std::size_t>(proved_.rows()));
    for (Index j = 0; j < proved_.rows(); ++j)
      for (Index i = 0; i < j; ++i)
        claimed_[static_cast<std::size_t>(j)].push_back(
            dyadic(rounding::mul_up(product, distances(j, i)), constant_bits, true));
  }

  /// A radius that is proved by the claimed K_ji where `radius` is by those of the certifier.
  [[nodiscard]] double lowered(double radius, int label) const {
    double least = radius;
    for (Index i = 0; i < proved_.rows(); ++i) {
      if (i == label || radius == infinity) continue;
      const auto high = static_cast<std::size_t>(std::max<Index>(i, label));
      const auto low = static_cast<std::size_t>(std::min<Index>(i, label));
      const double claimed = claimed_[high][low].value();
      if (claimed == 0) continue;
      const double ratio = rounding::div_down(proved_(label, i), claimed);
      least = std::min(least, rounding::mul_down(radius, ratio));
    }
    return least;
  }

  [[nodiscard]] OrderedJson bounds() const {
    OrderedJson all = OrderedJson::array();
    for (const Dyadic& bound : bounds_) all.push_back(to_json(bound));
    return all;
  }
  [[nodiscard]] OrderedJson table() const {
    OrderedJson all = OrderedJson::array();
    for (const auto& row : claimed_) {
      OrderedJson line = OrderedJson::array();
      for (const Dyadic& constant : row) line.push_back(to_json(constant));
      all.push_back(line);
    }
    return all;
  }

 private:
  std::vector<Dyadic> bounds_;
  Matrix<double> proved_;
  std::vector<std::vector<Dyadic>> claimed_;  // [j][i], i < j
};

/// SHA-256 of the image's pixels as float32, little-endian.
[[nodiscard]] inline std::string image_sha256(const data::Dataset& images, Index i) {
  const Tensor<float> image = images.image<float>(i);
  std::string bytes;
  for (Index k = 0; k < images.shape().size(); ++k)
    for (const auto byte :
         gloro::detail::little_endian(std::bit_cast<std::uint32_t>(image.data()[k])))
      bytes += static_cast<char>(byte);
  return sha256(bytes);
}

/// The whole document: a line for each image that is answered. `model_file`: from which the certifier's
/// model was loaded.
template <std::floating_point Scalar>
[[nodiscard]] std::string text(const std::filesystem::path& model_file,
                               const Certifier<Scalar>& certifier, const Certificates& certified,
                               const data::Dataset& images) {
  const rounding::DefaultFloatingPoint environment;
  std::ifstream file = open_to_read(model_file);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const Constants constants(certifier);
  std::string lines = "{\n\"format\": \"gloro evidence\",\n\"version\": 1,\n\"model_sha256\": \"" +
                      sha256(bytes) + "\",\n\"bounds\": " + constants.bounds().dump() +
                      ",\n\"constants\": " + constants.table().dump() + ",\n\"answers\": [";
  const char* separator = "\n";
  for (std::size_t n = 0; n < certified.answers.size(); ++n) {
    const Certificate& answer = certified.answers[n];
    if (answer.abstains()) continue;
    OrderedJson line{{"index", n},
                     {"image_sha256", image_sha256(images, static_cast<Index>(n))},
                     {"label", answer.label},
                     {"radius", nullptr}};  // everywhere
    if (answer.radius < infinity) {
      const Dyadic radius =
          dyadic(constants.lowered(answer.radius, answer.label), radius_bits, false);
      if (radius.m == 0) continue;
      line["radius"] = to_json(radius);
    }
    lines += separator + line.dump();
    separator = ",\n";
  }
  return lines + "\n]\n}\n";
}

}  // namespace evidence
