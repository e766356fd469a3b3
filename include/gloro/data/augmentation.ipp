// The bodies of augmentation.hpp.
#pragma once

#include "gloro/data/augmentation.hpp"

#include <cmath>
#include <cstddef>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/number.hpp"
#include "gloro/data/detail/colour.hpp"
#include "gloro/data/detail/geometry.hpp"

namespace gloro::data {

GLORO_INLINE void Augmentation::check() const {
  const auto require = [](bool holds, const char* what, auto value) {
    if (!holds) throw ArgumentError(message("augmentation: ", what, ", got ", value));
  };
  require(crop >= 0 && crop <= 4096, "crop must lie in [0, 4096]", crop);
  require(zoom >= 0 && zoom < 1, "zoom must lie in [0, 1)", zoom);
  require(noise >= 0 && std::isfinite(noise), "noise must be >= 0", noise);
  for (const auto& range : {saturation, contrast}) {
    if (!range) continue;
    require(std::isfinite(range->from) && std::isfinite(range->to), "factors must be finite",
            std::isfinite(range->from) ? range->to : range->from);
    require(range->from <= range->to, "a range of factors must rise", range->to);
  }
}

GLORO_INLINE std::string Augmentation::text() const {
  const auto& [mirrors, pixels, colours, greys, part, deviation] = *this;
  std::string all;
  const auto add = [&](bool is_there, const std::string& one) {
    if (is_there) all += (all.empty() ? "" : "+") + one;
  };
  const auto range = [](const char* name, const std::optional<FactorRange>& of) {
    return of ? name + number_text(of->from) + ':' + number_text(of->to) : "";
  };
  add(mirrors, "flip");
  add(pixels != 0, "crop:" + std::to_string(pixels));
  add(colours.has_value(), range("saturation:", colours));
  add(greys.has_value(), range("contrast:", greys));
  add(part != 0, "zoom:" + number_text(part));
  add(deviation != 0, "noise:" + number_text(deviation));
  return all.empty() ? "none" : all;
}

template <std::floating_point Scalar>
void Augmentation::apply(Tensor<Scalar>& batch, std::span<const Index> which, std::uint64_t seed,
                         std::uint64_t epoch) const {
  if (static_cast<Index>(which.size()) != batch.batch())
    throw ArgumentError(message(which.size(), " indices for a batch of ", batch.batch()));
  if (none()) return;
  constexpr std::uint64_t changes = 0x6368616e6765;  // a stream of their own: "change" in ASCII
  const Random of_epoch = Random(seed, changes).split(epoch);
  const auto size = static_cast<std::size_t>(batch.shape().size());
  std::vector<Scalar> scratch;
  for (std::size_t n = 0; n < which.size(); ++n)
    apply(std::span<Scalar>(batch.sample(static_cast<Index>(n)), size), batch.shape(),
          of_epoch.split(static_cast<std::uint64_t>(which[n])), scratch);
}

template <std::floating_point Scalar>
void Augmentation::apply(std::span<Scalar> sample, const Shape& shape, Random random,
                         std::vector<Scalar>& scratch) const {
  if (flip && random.below(2) == 1) flip_horizontally(sample, shape);
  if (crop > 0) {
    const auto places = static_cast<std::uint64_t>(2 * crop + 1);
    const Index top = static_cast<Index>(random.below(places)) - crop;
    const Index left = static_cast<Index>(random.below(places)) - crop;
    shift(sample, shape, top, left, scratch);
  }
  if (saturation && shape.channels == 3)
    scale_saturation(sample, random.uniform(saturation->from, saturation->to));
  if (contrast) scale_contrast(sample, shape, random.uniform(contrast->from, contrast->to));
  if (zoom > 0) {
    const double side = random.uniform(1 - zoom, 1);
    const double top = random.uniform(0, 1 - side);
    const double left = random.uniform(0, 1 - side);
    magnify(sample, shape, top, left, side, scratch);
  }
  if (noise > 0)
    for (Scalar& value : sample) value += static_cast<Scalar>(noise * random.normal());
}

#ifdef GLORO_COMPILING
template void Augmentation::apply(Tensor<float>& batch, std::span<const Index> which,
                                  std::uint64_t seed, std::uint64_t epoch) const;
template void Augmentation::apply(std::span<float> sample, const Shape& shape, Random random,
                                  std::vector<float>& scratch) const;
template void Augmentation::apply(Tensor<double>& batch, std::span<const Index> which,
                                  std::uint64_t seed, std::uint64_t epoch) const;
template void Augmentation::apply(std::span<double> sample, const Shape& shape, Random random,
                                  std::vector<double>& scratch) const;
#endif

}  // namespace gloro::data
