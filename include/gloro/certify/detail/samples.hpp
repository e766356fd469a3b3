// Samples: images on their way to a certifier, a chunk at a time, in the precision that an evaluation
// asks for. None of their numbers is rounded.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <functional>
#include <span>

#include "gloro/core/tensor.hpp"
#include "gloro/data/dataset.hpp"
#include "gloro/parallel/workers.hpp"
#include "gloro/rounding/environment.hpp"

namespace gloro::detail {

struct Samples {
  Index count = 0;
  /// first, first + 1, ... as floats; empty where float cannot hold them.
  std::function<Tensor<float>(Index first, Index count)> in_float = {};
  /// Those of the indices, in their order.
  std::function<Tensor<double>(std::span<const Index> which)> in_double = {};
};

/// Images come in float or in double: of anything wider, certificates would be about rounded numbers.
template <typename Of>
consteval void require_exact() {
  static_assert(std::same_as<Of, float> || std::same_as<Of, double>,
                "images are certified in float and double only");
}

/// The tensor must outlive them.
template <typename Of>
[[nodiscard]] Samples samples_of(const Tensor<Of>& images) {
  require_exact<Of>();
  Samples samples{.count = images.batch()};
  if constexpr (std::same_as<Of, float>)
    samples.in_float = [&images](Index first, Index count) {
      return samples_as<float>(images, first, count);
    };
  samples.in_double = [&images](std::span<const Index> which) {
    Tensor<double> some(images.shape(), static_cast<Index>(which.size()));
    for (std::size_t n = 0; n < which.size(); ++n)
      std::copy_n(images.sample(which[n]), images.shape().size(),
                  some.sample(static_cast<Index>(n)));
    return some;
  };
  return samples;
}

/// The data set must outlive them.
[[nodiscard]] inline Samples samples_of(const data::Dataset& images) {
  Samples samples{.count = images.size()};
  if (images.fits<float>())
    samples.in_float = [&images](Index first, Index count) { return images.images(first, count); };
  samples.in_double = [&images](std::span<const Index> which) {
    return images.batch<double>(which);
  };
  return samples;
}

/// body(first, count) for each chunk of so many samples; `workers`, if there are any, share the chunks.
inline void for_each_chunk(Index chunk, Index count, Workers* workers,
                           const std::function<void(Index, Index)>& body) {
  const auto part = [&](Index c) {
    const rounding::DefaultFloatingPoint nearest;
    body(c * chunk, std::min(chunk, count - c * chunk));
  };
  const Index chunks = (count + chunk - 1) / chunk;
  if (workers)
    workers->for_each(chunks, part);
  else
    for (Index c = 0; c < chunks; ++c) part(c);
}

}  // namespace gloro::detail
