// The bodies of mixture.hpp.
#pragma once

#include "gloro/data/mixture.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>

#include "gloro/core/compiled.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/random.hpp"
#include "gloro/data/batches.hpp"

namespace gloro::data {

namespace detail {

/// The numbers of `count` extra samples of `size`, from place `first` on of endless passes over them.
[[nodiscard]] inline std::vector<Index> extra_samples(Index size, std::uint64_t first, Index count,
                                                      std::uint64_t seed) {
  constexpr std::uint64_t extras = 0x6578747261;  // a stream of their own: "extra" in ASCII
  const auto all = static_cast<std::uint64_t>(size);
  std::vector<Index> chosen, order(static_cast<std::size_t>(size));
  chosen.reserve(static_cast<std::size_t>(count));
  for (std::uint64_t pass = first / all, at = first % all; std::ssize(chosen) < count;
       ++pass, at = 0) {
    std::iota(order.begin(), order.end(), Index{0});
    Random(seed, extras).split(pass).shuffle(std::span(order));
    const auto rest = static_cast<std::uint64_t>(count - std::ssize(chosen));
    const auto from = order.begin() + static_cast<std::ptrdiff_t>(at);
    chosen.insert(chosen.end(), from, from + static_cast<std::ptrdiff_t>(std::min(rest, all - at)));
  }
  return chosen;
}

}  // namespace detail

GLORO_INLINE std::span<const Index> EpochBatches::batch(Index b) const {
  if (b < 0 || b >= count()) throw ArgumentError(message("batch ", b, " of ", count()));
  const auto at = static_cast<std::size_t>(b);
  const Index first = b == 0 ? 0 : ends[at - 1];
  return std::span(samples).subspan(static_cast<std::size_t>(first),
                                    static_cast<std::size_t>(ends[at] - first));
}

GLORO_INLINE Mixture::Mixture(Dataset images) : images_(std::move(images)) {}

GLORO_INLINE Mixture::Mixture(Dataset images, Dataset extra, double share)
    : images_(std::move(images)), extra_(std::move(extra)), share_(share) {
  if (!(share > 0 && share < 1))
    throw ArgumentError(message("the share of extra images must lie between 0 and 1, got ", share));
  if (extra_.empty()) throw ArgumentError("there are no extra images to mix in");
  if (extra_.shape() != images_.shape())
    throw ArgumentError(message("extra images of ", extra_.shape(), " (", extra_.name(),
                                ") beside images of ", images_.shape(), " (", images_.name(), ")"));
  if (!extra_.has_labels()) throw ArgumentError(message(extra_.name(), ": has no labels"));
  const auto& labels = extra_.labels();
  if (const int most = *std::max_element(labels.begin(), labels.end()); most >= images_.classes())
    throw ArgumentError(message(extra_.name(), ": label ", most, " is none of the ",
                                images_.classes(), " classes of ", images_.name()));
}

GLORO_INLINE EpochBatches Mixture::batches(Index batch_size, std::uint64_t seed,
                                           std::uint64_t epoch) const {
  const Index size = images_.size();
  std::vector<Index> order = epoch_order(size, seed, epoch);
  const auto extra = static_cast<Index>(std::llround(share_ * static_cast<double>(batch_size)));
  const Index own = batch_size - extra;
  if (is_mixed() && (extra < 1 || own < 1))
    throw ArgumentError(
        message("a batch of ", batch_size, " cannot hold a share of ", share_, " extra images"));
  EpochBatches all;
  const Index count = batch_count(size, own);
  if (!is_mixed()) {
    all.samples = std::move(order);
    for (Index b = 1; b <= count; ++b) all.ends.push_back(std::min(b * own, size));
    return all;
  }
  const auto extra_of = [&](Index from) { return extra * std::min(own, size - from) / own; };
  Index wanted = 0;
  for (Index b = 0; b < count; ++b) wanted += extra_of(b * own);
  const std::vector<Index> others = detail::extra_samples(
      extra_.size(), epoch * static_cast<std::uint64_t>(wanted), wanted, seed);
  auto next = others.begin();
  for (Index b = 0; b < count; ++b) {
    const std::span<const Index> ours = batch_of(order, own, b);
    all.samples.insert(all.samples.end(), ours.begin(), ours.end());
    for (Index k = extra_of(b * own); k > 0; --k) all.samples.push_back(size + *next++);
    all.ends.push_back(static_cast<Index>(std::ssize(all.samples)));
  }
  return all;
}

template <std::floating_point Scalar>
Tensor<Scalar> Mixture::batch(std::span<const Index> which) const {
  if (!is_mixed()) return images_.batch<Scalar>(which);
  Tensor<Scalar> gathered(images_.shape(), static_cast<Index>(which.size()));
  for (std::size_t n = 0; n < which.size(); ++n) {
    const Index i = which[n] - images_.size();
    const Tensor<Scalar> sample = i < 0 ? images_.image<Scalar>(which[n]) : extra_.image<Scalar>(i);
    std::copy_n(sample.data(), sample.size(), gathered.sample(static_cast<Index>(n)));
  }
  return gathered;
}

GLORO_INLINE std::vector<int> Mixture::labels(std::span<const Index> which) const {
  if (!is_mixed()) return images_.labels(which);
  std::vector<int> gathered;
  gathered.reserve(which.size());
  for (const Index number : which) {
    const Index i = number - images_.size();
    gathered.push_back(i < 0 ? images_.label(number) : extra_.label(i));
  }
  return gathered;
}

#ifdef GLORO_COMPILING
template Tensor<float> Mixture::batch(std::span<const Index> which) const;
template Tensor<double> Mixture::batch(std::span<const Index> which) const;
#endif

}  // namespace gloro::data
