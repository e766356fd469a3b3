// Dataset: labelled images (data/pixels.hpp) with what is known of them: how many classes there are, their
// names, the radii that papers quote. No image is rounded on its way to a network: one that float cannot
// hold is to be had in double alone.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/detail/checksum.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/data/pixels.hpp"
#include "gloro/data/value_range.hpp"

namespace gloro::data {

/// Images of one shape, a sample after another (height x width x channels, channels fastest), with
/// labels in {0, ..., classes() - 1} or none. A value that never changes: copies share the images.
class Dataset {
 public:
  Dataset() = default;

  /// `pixels`: shape.size() for each sample. Without `classes` there are as many as the labels name;
  /// without labels, label() throws. `checksum`: that of all images and labels, where it is known.
  /// Throws ArgumentError where sizes do not agree.
  Dataset(std::string name, Shape shape, Pixels pixels, std::vector<int> labels = {},
          int classes = 0, std::optional<std::uint64_t> checksum = {})
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

  /// The same data set, which knows the names of its classes, as many as there are, or none.
  [[nodiscard]] Dataset with_class_names(std::vector<std::string> names) const {
    if (!names.empty() && names.size() != static_cast<std::size_t>(classes_))
      throw ArgumentError(
          message(name_, ": expected names for ", classes_, " classes, got ", names.size()));
    Dataset known = *this;
    known.class_names_ = std::move(names);
    return known;
  }
  /// The same, which knows the radii that papers quote for it.
  [[nodiscard]] Dataset with_radii(std::vector<double> radii) const {
    Dataset known = *this;
    known.radii_ = std::move(radii);
    return known;
  }

  [[nodiscard]] const std::string& name() const { return name_; }
  /// Shape of one sample.
  [[nodiscard]] const Shape& shape() const { return shape_; }
  /// Number of samples.
  [[nodiscard]] Index size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// Number of classes; 0 if unknown.
  [[nodiscard]] int classes() const { return classes_; }
  /// By number; empty where they are digits, or unknown.
  [[nodiscard]] const std::vector<std::string>& class_names() const { return class_names_; }
  /// In 2-norm and in the unit of the pixels; empty where none are usual.
  [[nodiscard]] const std::vector<double>& radii() const { return radii_; }

  [[nodiscard]] bool has_labels() const { return !labels_.empty(); }
  /// All labels in order; empty if there are none.
  [[nodiscard]] const std::vector<int>& labels() const { return labels_; }
  [[nodiscard]] int label(Index i) const {
    if (!has_labels()) throw ArgumentError(message("the data set ", name_, " has no labels"));
    return labels_[place(i)];
  }
  /// Labels of the samples in `which`, in its order.
  [[nodiscard]] std::vector<int> labels(std::span<const Index> which) const {
    std::vector<int> gathered;
    gathered.reserve(which.size());
    for (const Index i : which) gathered.push_back(label(i));
    return gathered;
  }

  // --- Pixels -----------------------------------------------------------------------------------

  /// Whether every pixel is a number of the type Scalar, so that batches of it are the very images.
  template <std::floating_point Scalar>
  [[nodiscard]] bool fits() const {
    return pixels_.fit<Scalar>();
  }

  /// These images rounded to floats, to train in float with. They are other images: a certificate of
  /// one says nothing about the one that it was. Throws ArgumentError where a pixel is beyond float.
  [[nodiscard]] Dataset rounded() const {
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

  /// The unit of bytes, 0 to 1; of other pixels the least and the largest (of none: 0 to 0).
  [[nodiscard]] ValueRange range() const { return pixels_.range(); }

  /// How many images have a pixel that does not lie in `range`.
  [[nodiscard]] Index outside(const ValueRange& range) const {
    if (pixels_.are_bytes() && range.has(0) && range.has(1)) return 0;
    Index count = 0;
    for (Index i = 0; i < size_; ++i) {
      const Tensor<double> image = images<double>(i, 1);
      count += !std::all_of(image.data(), image.data() + image.size(),
                            [&](double pixel) { return range.has(pixel); });
    }
    return count;
  }

  /// The samples in `which`, in its order: a column a sample. Throws ArgumentError, as image() and
  /// images() do, unless they fit the type: ask for double, or round them.
  template <std::floating_point Scalar = float>
  [[nodiscard]] Tensor<Scalar> batch(std::span<const Index> which) const {
    require_fit<Scalar>();
    Tensor<Scalar> gathered(shape_, static_cast<Index>(which.size()));
    for (std::size_t n = 0; n < which.size(); ++n)
      copy_sample(place(which[n]), gathered.sample(static_cast<Index>(n)));
    return gathered;
  }

  /// One sample as a batch of one.
  template <std::floating_point Scalar = float>
  [[nodiscard]] Tensor<Scalar> image(Index i) const {
    return images<Scalar>(i, 1);
  }

  /// The samples first, ..., first + count - 1.
  template <std::floating_point Scalar = float>
  [[nodiscard]] Tensor<Scalar> images(Index first, Index count) const {
    if (first < 0 || count < 0 || count > size_ || first > size_ - count)
      throw ArgumentError(message("samples ", first, " to ", first + count - 1, " of ", name_,
                                  ", which has ", size_));
    require_fit<Scalar>();
    Tensor<Scalar> gathered(shape_, count);
    for (Index n = 0; n < count; ++n)
      copy_sample(static_cast<std::size_t>(first + n), gathered.sample(n));
    return gathered;
  }

  /// The first `count` samples, or all if there are fewer.
  [[nodiscard]] Dataset head(Index count) const {
    if (count < 0) throw ArgumentError(message("a head of ", count, " samples"));
    return part(0, std::min(count, size_));
  }

  /// The samples first, ..., first + count - 1 as a data set, which shares the images of this one.
  [[nodiscard]] Dataset part(Index first, Index count) const {
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

  /// Tells data sets apart: of all images and labels, read through once (a mapped file has it ready).
  [[nodiscard]] std::uint64_t checksum() const {
    if (checksum_) return *checksum_;
    Checksum sum;
    pixels_.add_to(sum);
    sum.add(labels_.data(), labels_.size() * sizeof(int));
    return sum.value();
  }

 private:
  template <typename Scalar>
  void require_fit() const {
    if (!fits<Scalar>())
      throw ArgumentError(message(name_,
                                  " has pixels that float cannot hold: take its images in "
                                  "double, as any Certifier does, or train on rounded()"));
  }

  [[nodiscard]] std::size_t place(Index i) const {
    if (i < 0 || i >= size_)
      throw ArgumentError(message("sample ", i, " of ", name_, ", which has ", size_));
    return static_cast<std::size_t>(i);
  }

  template <typename Scalar>
  void copy_sample(std::size_t i, Scalar* to) const {
    const auto each = static_cast<std::size_t>(shape_.size());
    pixels_.copy(i * each, each, to);
  }

  std::string name_;
  Shape shape_{0, 0, 0};
  Index size_ = 0;
  int classes_ = 0;
  std::vector<std::string> class_names_;
  std::vector<double> radii_;
  Pixels pixels_;
  std::vector<int> labels_;
  std::optional<std::uint64_t> checksum_;
};

/// What a benchmark's loader returns: `const auto [train, test] = data::mnist("data/mnist");`
struct Split {
  Dataset train;
  Dataset test;
};

}  // namespace gloro::data
