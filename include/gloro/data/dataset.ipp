// The bodies of dataset.hpp.
#pragma once

#include "gloro/data/dataset.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "gloro/core/compiled.hpp"
#include "gloro/core/detail/checksum.hpp"
#include "gloro/core/error.hpp"

namespace gloro::data {

GLORO_INLINE Dataset::Dataset(std::string name, Shape shape, Pixels pixels, std::vector<int> labels,
                              int classes, std::optional<std::uint64_t> checksum)
    : name_(std::move(name)),
      shape_(shape),
      classes_(classes),
      pixels_(std::move(pixels)),
      labels_(std::move(labels)),
      checksum_(checksum) {
  const auto each = static_cast<std::size_t>(shape.size());
  const std::size_t values = pixels_.size();
  if (each == 0) throw ArgumentError(message(name_, ": samples of ", shape, " hold nothing"));
  if (values % each != 0)
    throw ArgumentError(message(name_, ": ", values, " values are no whole number of samples of ",
                                shape, ", ", each, " values each"));
  if (values > static_cast<std::size_t>(std::numeric_limits<Index>::max()))
    throw ArgumentError(message(name_, ": ", values, " values are more than an Index counts"));
  size_ = static_cast<Index>(values / each);
  if (has_labels() && labels_.size() != values / each)
    throw ArgumentError(message(name_, ": ", labels_.size(), " labels for ", size_, " samples"));
  for (std::size_t i = 0; i < labels_.size(); ++i)
    if (labels_[i] < 0 || (classes > 0 && labels_[i] >= classes))
      throw ArgumentError(message(name_, ": label ", labels_[i], " of sample ", i,
                                  " lies outside 0..", classes - 1));
  if (classes < 0) throw ArgumentError(message(name_, ": ", classes, " classes"));
  if (classes == 0 && has_labels())
    classes_ = *std::max_element(labels_.begin(), labels_.end()) + 1;
}

GLORO_INLINE Dataset Dataset::with_labels(std::vector<int> labels, int classes) const {
  Dataset labelled(name_, shape_, pixels_, std::move(labels), classes);
  labelled.radii_ = radii_;
  if (labelled.classes_ == classes_) labelled.class_names_ = class_names_;
  return labelled;
}

GLORO_INLINE Dataset Dataset::with_class_names(std::vector<std::string> names) const {
  if (!names.empty() && names.size() != static_cast<std::size_t>(classes_))
    throw ArgumentError(
        message(name_, ": expected names for ", classes_, " classes, got ", names.size()));
  Dataset known = *this;
  known.class_names_ = std::move(names);
  return known;
}

GLORO_INLINE Dataset Dataset::with_radii(std::vector<double> radii) const {
  Dataset known = *this;
  known.radii_ = std::move(radii);
  return known;
}

GLORO_INLINE int Dataset::label(Index i) const {
  if (!has_labels()) throw ArgumentError(message("the data set ", name_, " has no labels"));
  return labels_[place(i)];
}

GLORO_INLINE std::vector<int> Dataset::labels(std::span<const Index> which) const {
  std::vector<int> gathered;
  gathered.reserve(which.size());
  for (const Index i : which) gathered.push_back(label(i));
  return gathered;
}

GLORO_INLINE Dataset Dataset::rounded() const {
  if (fits<float>()) return *this;
  std::vector<double> wide(pixels_.size());
  pixels_.copy(0, wide.size(), wide.data());
  std::vector<float> pixels;
  for (const double pixel : wide) {
    if (!(std::abs(pixel) <= static_cast<double>(std::numeric_limits<float>::max())))
      throw ArgumentError(message(name_, ": ", pixel, " is beyond the range of float"));
    pixels.push_back(static_cast<float>(pixel));
  }
  Dataset narrow = *this;
  narrow.pixels_ = std::move(pixels);
  narrow.checksum_.reset();
  return narrow;
}

GLORO_INLINE Index Dataset::outside(const ValueRange& range) const {
  if (pixels_.are_bytes() && range.has(0) && range.has(1)) return 0;
  Index count = 0;
  for (Index i = 0; i < size_; ++i) {
    const Tensor<double> image = images<double>(i, 1);
    count += !std::all_of(image.data(), image.data() + image.size(),
                          [&](double pixel) { return range.has(pixel); });
  }
  return count;
}

template <std::floating_point Scalar>
Tensor<Scalar> Dataset::batch(std::span<const Index> which) const {
  require_fit<Scalar>();
  Tensor<Scalar> gathered(shape_, static_cast<Index>(which.size()));
  for (std::size_t n = 0; n < which.size(); ++n)
    copy_sample(place(which[n]), gathered.sample(static_cast<Index>(n)));
  return gathered;
}

template <std::floating_point Scalar>
Tensor<Scalar> Dataset::images(Index first, Index count) const {
  if (first < 0 || count < 0 || count > size_ || first > size_ - count)
    throw ArgumentError(message("samples ", first, " to ", first + count - 1, " of ", name_,
                                ", which has ", size_));
  require_fit<Scalar>();
  Tensor<Scalar> gathered(shape_, count);
  for (Index n = 0; n < count; ++n)
    copy_sample(static_cast<std::size_t>(first + n), gathered.sample(n));
  return gathered;
}

GLORO_INLINE Dataset Dataset::head(Index count) const {
  if (count < 0) throw ArgumentError(message("a head of ", count, " samples"));
  return part(0, std::min(count, size_));
}

GLORO_INLINE Dataset Dataset::part(Index first, Index count) const {
  if (first < 0 || count < 0 || count > size_ || first > size_ - count)
    throw ArgumentError(message("samples ", first, " to ", first + count - 1, " of ", name_,
                                ", which has ", size_));
  Dataset some = *this;
  some.size_ = count;
  if (count != size_) some.checksum_.reset();
  const auto begin = static_cast<std::size_t>(first * shape_.size());
  const auto values = static_cast<std::size_t>(count * shape_.size());
  some.pixels_ = pixels_.part(begin, values);
  if (has_labels()) some.labels_.assign(labels_.begin() + first, labels_.begin() + first + count);
  return some;
}

GLORO_INLINE std::uint64_t Dataset::checksum() const {
  if (checksum_) return *checksum_;
  Checksum sum;
  pixels_.add_to(sum);
  sum.add(labels_.data(), labels_.size() * sizeof(int));
  return sum.value();
}

template <typename Scalar>
void Dataset::require_fit() const {
  if (!fits<Scalar>())
    throw ArgumentError(message(name_,
                                " has pixels that float cannot hold: take its images in "
                                "double, as any Certifier does, or train on rounded()"));
}

GLORO_INLINE std::size_t Dataset::place(Index i) const {
  if (i < 0 || i >= size_)
    throw ArgumentError(message("sample ", i, " of ", name_, ", which has ", size_));
  return static_cast<std::size_t>(i);
}

template <typename Scalar>
void Dataset::copy_sample(std::size_t i, Scalar* to) const {
  const auto each = static_cast<std::size_t>(shape_.size());
  pixels_.copy(i * each, each, to);
}

#ifdef GLORO_COMPILING
template Tensor<float> Dataset::batch(std::span<const Index> which) const;
template Tensor<double> Dataset::batch(std::span<const Index> which) const;
template Tensor<float> Dataset::images(Index first, Index count) const;
template Tensor<double> Dataset::images(Index first, Index count) const;
#endif

}  // namespace gloro::data
