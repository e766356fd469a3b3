// Dataset: labelled images, bytes as they came from the file or numbers of the user's own, in memory or
// in a mapped file. Bytes stay bytes (a quarter of the memory) and become pixels in [0, 1] when a batch
// is gathered: the pixel is the float nearest to byte / 255, also in double, so that both see the same.
// No image is rounded on its way to a network: one that float cannot hold is to be had in double alone.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "gloro/core/checksum.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/data/value_range.hpp"

namespace gloro::data {

/// The pixel that a byte stands for: the float nearest to byte / 255.
[[nodiscard]] constexpr float pixel_of(std::uint8_t byte) {
  return static_cast<float>(byte) / 255.0F;
}

/// Images of one shape, a sample after another (height x width x channels, channels fastest), with
/// labels in {0, ..., classes() - 1} or none. A value that never changes: copies share the images.
class Dataset {
 public:
  Dataset() = default;

  /// Images as bytes, shape.size() for each sample. Without `classes` there are as many as the
  /// labels name; without labels, label() throws. Throws ArgumentError where sizes do not agree.
  Dataset(std::string name, Shape shape, std::vector<std::uint8_t> bytes,
          std::vector<int> labels = {}, int classes = 0)
      : Dataset(std::move(name), shape, std::move(labels), classes, bytes.size()) {
    keep(std::move(bytes));
  }

  /// Images as pixels in the network's own unit, taken as they are.
  Dataset(std::string name, Shape shape, std::vector<float> pixels, std::vector<int> labels = {},
          int classes = 0)
      : Dataset(std::move(name), shape, std::move(labels), classes, pixels.size()) {
    keep(std::move(pixels));
  }

  /// The same in double; kept as floats where each of them is one.
  Dataset(std::string name, Shape shape, std::vector<double> pixels, std::vector<int> labels = {},
          int classes = 0)
      : Dataset(std::move(name), shape, std::move(labels), classes, pixels.size()) {
    if (std::all_of(pixels.begin(), pixels.end(), is_float))
      keep(std::vector<float>(pixels.begin(), pixels.end()));
    else
      keep(std::move(pixels));
  }

  /// Images as bytes that lie where `keeper` keeps them, a mapped file say: they are read when a batch
  /// asks for them. `checksum` is that of all images and labels.
  Dataset(std::string name, Shape shape, std::span<const std::uint8_t> bytes,
          std::shared_ptr<const void> keeper, std::uint64_t checksum, std::vector<int> labels,
          int classes)
      : Dataset(std::move(name), shape, std::move(labels), classes, bytes.size()) {
    values_ = bytes;
    keeper_ = std::move(keeper);
    checksum_ = checksum;
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

  // --- Pixels -----------------------------------------------------------------------------------

  /// Whether every pixel is a number of the type Scalar, so that batches of it are the very images.
  template <std::floating_point Scalar>
  [[nodiscard]] bool fits() const {
    return !std::same_as<Scalar, float> || !std::holds_alternative<Doubles>(values_);
  }

  /// These images rounded to floats, to train in float with. They are other images: a certificate of
  /// one says nothing about the one that it was. Throws ArgumentError where a pixel is beyond float.
  [[nodiscard]] Dataset rounded() const {
    if (fits<float>()) return *this;
    std::vector<float> pixels;
    for (const double pixel : std::get<Doubles>(values_)) {
      if (!(std::abs(pixel) <= static_cast<double>(std::numeric_limits<float>::max())))
        throw ArgumentError(message(name_, ": ", pixel, " is beyond the range of float"));
      pixels.push_back(static_cast<float>(pixel));
    }
    return Dataset(name_, shape_, std::move(pixels), labels_, classes_);
  }

  /// The unit of bytes, 0 to 1; of other pixels the least and the largest (of none: 0 to 0).
  [[nodiscard]] ValueRange range() const {
    return std::visit(
        [](const auto& values) -> ValueRange {
          if constexpr (std::same_as<decltype(values), const Bytes&>) {
            return {0, 1};
          } else {
            if (values.empty()) return {0, 0};
            const auto [least, most] = std::minmax_element(values.begin(), values.end());
            return {static_cast<double>(*least), static_cast<double>(*most)};
          }
        },
        values_);
  }

  /// How many images have a pixel that does not lie in `range`.
  [[nodiscard]] Index outside(const ValueRange& range) const {
    if (std::holds_alternative<Bytes>(values_) && range.has(0) && range.has(1)) return 0;
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
    std::visit([&](const auto& all) { some.values_ = all.subspan(begin, values); }, values_);
    if (has_labels()) some.labels_.assign(labels_.begin() + first, labels_.begin() + first + count);
    return some;
  }

  /// Tells data sets apart: of all images and labels, read through once (a mapped file has it ready).
  [[nodiscard]] std::uint64_t checksum() const {
    if (checksum_) return *checksum_;
    Checksum sum;
    std::visit([&](const auto& values) { sum.add(values.data(), values.size_bytes()); }, values_);
    sum.add(labels_.data(), labels_.size() * sizeof(int));
    return sum.value();
  }

 private:
  using Bytes = std::span<const std::uint8_t>;
  using Floats = std::span<const float>;
  using Doubles = std::span<const double>;

  Dataset(std::string name, Shape shape, std::vector<int> labels, int classes, std::size_t values)
      : name_(std::move(name)), shape_(shape), classes_(classes), labels_(std::move(labels)) {
    const auto each = static_cast<std::size_t>(shape.size());
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

  template <typename Value>
  void keep(std::vector<Value> values) {
    const auto kept = std::make_shared<const std::vector<Value>>(std::move(values));
    values_ = std::span<const Value>(*kept);
    keeper_ = kept;
  }

  /// To the bit, whatever the thread's floating-point environment makes of denormals.
  [[nodiscard]] static bool is_float(double pixel) {
    if (!(std::abs(pixel) <= static_cast<double>(std::numeric_limits<float>::max())))
      return !std::isfinite(pixel);
    return std::bit_cast<std::uint64_t>(static_cast<double>(static_cast<float>(pixel))) ==
           std::bit_cast<std::uint64_t>(pixel);
  }

  template <typename Scalar>
  void require_fit() const {
    if (!fits<Scalar>())
      throw ArgumentError(message(name_, " has pixels that float cannot hold: take its images in "
                                         "double, as any Certifier does, or train on rounded()"));
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
    std::visit(
        [&](const auto& values) {
          const auto* from = values.data() + i * each;
          for (std::size_t k = 0; k < each; ++k)
            if constexpr (std::same_as<decltype(values), const Bytes&>)
              to[k] = static_cast<Scalar>(pixels[from[k]]);
            else
              to[k] = static_cast<Scalar>(from[k]);
        },
        values_);
  }

  std::string name_;
  Shape shape_{0, 0, 0};
  Index size_ = 0;
  int classes_ = 0;
  std::variant<Bytes, Floats, Doubles> values_;
  std::shared_ptr<const void> keeper_;  // of those
  std::vector<int> labels_;
  std::optional<std::uint64_t> checksum_;
};

/// What a benchmark's loader returns: `const auto [train, test] = data::mnist("data/mnist");`
struct Split {
  Dataset train;
  Dataset test;
};

}  // namespace gloro::data
