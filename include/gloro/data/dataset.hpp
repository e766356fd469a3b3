// Dataset: labelled images in memory, bytes as they came from the file or floats of the user's own.
// Bytes stay bytes (a quarter of the memory) and become pixels in [0, 1] when a batch is gathered:
// the pixel is the float nearest to byte / 255, also in double, so that both see the same image.
#pragma once

#include <algorithm>
#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"

namespace gloro::data {

/// The pixel that a byte stands for: the float nearest to byte / 255.
[[nodiscard]] constexpr float pixel_of(std::uint8_t byte) {
  return static_cast<float>(byte) / 255.0F;
}

/// Images of one shape, a sample after another (height x width x channels, channels fastest), with
/// labels in {0, ..., classes() - 1} or none. A value: cheap to move, dear to copy.
class Dataset {
 public:
  Dataset() = default;

  /// Images as bytes, shape.size() for each sample. Without `classes` there are as many as the
  /// labels name; without labels, label() throws. Throws ArgumentError where sizes do not agree.
  Dataset(std::string name, Shape shape, std::vector<std::uint8_t> bytes,
          std::vector<int> labels = {}, int classes = 0)
      : Dataset(std::move(name), shape, std::move(labels), classes, bytes.size()) {
    bytes_ = std::move(bytes);
  }

  /// Images as pixels in the network's own unit, taken as they are.
  Dataset(std::string name, Shape shape, std::vector<float> pixels, std::vector<int> labels = {},
          int classes = 0)
      : Dataset(std::move(name), shape, std::move(labels), classes, pixels.size()) {
    pixels_ = std::move(pixels);
  }

  [[nodiscard]] const std::string& name() const { return name_; }
  /// Shape of one sample.
  [[nodiscard]] const Shape& shape() const { return shape_; }
  /// Number of samples.
  [[nodiscard]] Index size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// Number of classes; 0 if unknown.
  [[nodiscard]] int classes() const { return classes_; }

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

  /// The samples in `which`, in its order: a column a sample.
  template <std::floating_point Scalar = float>
  [[nodiscard]] Tensor<Scalar> batch(std::span<const Index> which) const {
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
    Tensor<Scalar> gathered(shape_, count);
    for (Index n = 0; n < count; ++n)
      copy_sample(static_cast<std::size_t>(first + n), gathered.sample(n));
    return gathered;
  }

  /// The first `count` samples, or all if there are fewer.
  [[nodiscard]] Dataset head(Index count) const {
    if (count < 0) throw ArgumentError(message("a head of ", count, " samples"));
    Dataset first;
    first.name_ = name_;
    first.shape_ = shape_;
    first.size_ = std::min(count, size_);
    first.classes_ = classes_;
    const auto values = first.size_ * shape_.size();
    if (!bytes_.empty()) first.bytes_.assign(bytes_.begin(), bytes_.begin() + values);
    if (!pixels_.empty()) first.pixels_.assign(pixels_.begin(), pixels_.begin() + values);
    if (has_labels()) first.labels_.assign(labels_.begin(), labels_.begin() + first.size_);
    return first;
  }

 private:
  Dataset(std::string name, Shape shape, std::vector<int> labels, int classes, std::size_t values)
      : name_(std::move(name)), shape_(shape), classes_(classes), labels_(std::move(labels)) {
    const auto each = static_cast<std::size_t>(shape.size());
    if (each == 0) throw ArgumentError(message(name_, ": samples of ", shape, " hold nothing"));
    if (values % each != 0)
      throw ArgumentError(message(name_, ": ", values, " values are no whole number of samples of ",
                                  shape, ", ", each, " values each"));
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

  [[nodiscard]] std::size_t place(Index i) const {
    if (i < 0 || i >= size_)
      throw ArgumentError(message("sample ", i, " of ", name_, ", which has ", size_));
    return static_cast<std::size_t>(i);
  }

  template <typename Scalar>
  void copy_sample(std::size_t i, Scalar* to) const {
    static constexpr auto pixels = [] {
      std::array<float, 256> table{};
      for (std::size_t byte = 0; byte < 256; ++byte)
        table[byte] = pixel_of(static_cast<std::uint8_t>(byte));
      return table;
    }();
    const auto each = static_cast<std::size_t>(shape_.size());
    if (pixels_.empty()) {
      const std::uint8_t* from = bytes_.data() + i * each;
      for (std::size_t k = 0; k < each; ++k) to[k] = static_cast<Scalar>(pixels[from[k]]);
    } else {
      const float* from = pixels_.data() + i * each;
      for (std::size_t k = 0; k < each; ++k) to[k] = static_cast<Scalar>(from[k]);
    }
  }

  std::string name_;
  Shape shape_{0, 0, 0};
  Index size_ = 0;
  int classes_ = 0;
  std::vector<std::uint8_t> bytes_;  // this
  std::vector<float> pixels_;        // or this
  std::vector<int> labels_;
};

/// What a benchmark's loader returns: `const auto [train, test] = data::mnist("data/mnist");`
struct Split {
  Dataset train;
  Dataset test;
};

}  // namespace gloro::data
