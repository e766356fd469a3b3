#include "gloro/data/augmentation.hpp"
#include "gloro/data/detail/colour.hpp"
#include "gloro/data/detail/geometry.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "catch.hpp"
#include "gloro/wording/augmentation.hpp"

using namespace gloro;
using data::Augmentation;

namespace {

// Values that are all different and in (0, 1).
std::vector<double> distinct(const Shape& shape) {
  std::vector<double> values(static_cast<std::size_t>(shape.size()));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = static_cast<double>(i + 1) / static_cast<double>(values.size() + 1);
  return values;
}

Tensor<double> batch_of(const Shape& shape, Index samples) {
  Tensor<double> batch(shape, samples);
  for (Index i = 0; i < batch.size(); ++i)
    batch.data()[i] = static_cast<double>(i + 1) / static_cast<double>(batch.size() + 1);
  return batch;
}

Tensor<double> applied(const Augmentation& change, Tensor<double> batch,
                       const std::vector<Index>& which, std::uint64_t seed, std::uint64_t epoch) {
  change.apply(batch, which, seed, epoch);
  return batch;
}

}  // namespace

TEST_CASE("a flip exchanges left and right, and twice is the identity") {
  const Shape shape = GENERATE(Shape{2, 3, 1}, Shape{3, 4, 3}, Shape{1, 1, 2});
  const auto before = distinct(shape);
  auto after = before;
  data::flip_horizontally(std::span(after), shape);
  for (Index y = 0; y < shape.height; ++y)
    for (Index x = 0; x < shape.width; ++x)
      for (Index c = 0; c < shape.channels; ++c)
        CHECK(after[static_cast<std::size_t>((y * shape.width + x) * shape.channels + c)] ==
              before[static_cast<std::size_t>(
                  (y * shape.width + shape.width - 1 - x) * shape.channels + c)]);
  data::flip_horizontally(std::span(after), shape);
  CHECK(after == before);
}

TEST_CASE("a shift moves the content whole and fills with black") {
  const Shape shape{4, 5, 2};
  const auto before = distinct(shape);
  std::vector<double> scratch;
  for (Index top = -6; top <= 6; ++top)
    for (Index left = -6; left <= 6; ++left) {
      auto after = before;
      data::shift(std::span(after), shape, top, left, scratch);
      Index wrong = 0;
      for (Index y = 0; y < 4; ++y)
        for (Index x = 0; x < 5; ++x)
          for (Index c = 0; c < 2; ++c) {
            const Index v = y + top, u = x + left;
            const bool inside = v >= 0 && v < 4 && u >= 0 && u < 5;
            const double expected =
                inside ? before[static_cast<std::size_t>((v * 5 + u) * 2 + c)] : 0.0;
            if (after[static_cast<std::size_t>((y * 5 + x) * 2 + c)] != expected) ++wrong;
          }
      CHECK(wrong == 0);
    }
}

TEST_CASE("magnifying the whole image is the identity, bit for bit") {
  const Shape shape = GENERATE(Shape{4, 5, 2}, Shape{28, 28, 1}, Shape{1, 3, 1}, Shape{32, 32, 3});
  const auto before = distinct(shape);
  auto after = before;
  std::vector<double> scratch;
  data::magnify(std::span(after), shape, 0, 0, 1, scratch);
  CHECK(after == before);
}

TEST_CASE("magnifying keeps a linear picture linear") {
  // Bilinear interpolation is exact on a + b y + c x: pixel (y, x) then shows the picture at
  // (top * 8 + side * y, left * 10 + side * x). Rounding: some ten operations on values below 60.
  const Shape shape{9, 11, 1};
  const auto picture = [](double y, double x) { return 1 + 2 * y + 3 * x; };
  std::vector<double> values(99), scratch;
  for (Index y = 0; y < 9; ++y)
    for (Index x = 0; x < 11; ++x)
      values[static_cast<std::size_t>(y * 11 + x)] =
          picture(static_cast<double>(y), static_cast<double>(x));
  const double top = 0.125, left = 0.07, side = 0.77;
  data::magnify(std::span(values), shape, top, left, side, scratch);
  double worst = 0;
  for (Index y = 0; y < 9; ++y)
    for (Index x = 0; x < 11; ++x) {
      const double expected = picture(top * 8 + side * static_cast<double>(y),
                                      left * 10 + side * static_cast<double>(x));
      worst = std::max(worst, std::abs(values[static_cast<std::size_t>(y * 11 + x)] - expected));
    }
  CHECK(worst < 60 * 16 * std::numeric_limits<double>::epsilon());
}

TEST_CASE("magnifying never leaves the range of the image") {
  const Shape shape{5, 5, 1};
  std::vector<float> scratch;
  Random random(5);
  for (int repeat = 0; repeat < 200; ++repeat) {
    std::vector<float> values(25);
    for (float& value : values) value = random.below(2) == 1 ? 1.0F : 0.0F;
    const double side = random.uniform(0.5, 1);
    data::magnify(std::span(values), shape, random.uniform(0, 1 - side),
                  random.uniform(0, 1 - side), side, scratch);
    CHECK(*std::min_element(values.begin(), values.end()) >= 0.0F);
    CHECK(*std::max_element(values.begin(), values.end()) <= 1.0F);
  }
}

TEST_CASE("saturation scales the distance from the brightest channel") {
  std::vector<double> pixels{0.8, 0.4, 0.2, /* grey */ 0.5, 0.5, 0.5};
  data::scale_saturation(std::span(pixels), 0.5);
  CHECK(pixels[0] == Approx(0.8));  // saturation 0.75 becomes 0.375
  CHECK(pixels[1] == Approx(0.6));
  CHECK(pixels[2] == Approx(0.5));
  CHECK(pixels[4] == 0.5);
  data::scale_saturation(std::span(pixels), 100);  // at most full saturation: the least is 0
  CHECK(pixels[0] == Approx(0.8));
  CHECK(pixels[2] == Approx(0.0).margin(1e-15));
  CHECK(pixels[1] == Approx(0.8 - 0.2 * 0.8 / 0.3));  // the hue is kept
}

TEST_CASE("contrast scales the distance from the channel's mean") {
  std::vector<double> values{0.2, 0.5, 0.6, 0.5};  // two pixels, two channels
  data::scale_contrast(std::span(values), Shape{1, 2, 2}, 0.5);
  CHECK(values[0] == Approx(0.3));
  CHECK(values[2] == Approx(0.5));
  CHECK(values[1] == Approx(0.5));
}

TEST_CASE("what happens to a sample depends on seed, epoch and sample, not on its batch") {
  const Augmentation change = gloro::read_augmentation(
      "flip+crop:2+zoom:0.3+saturation:0.5:1.2+contrast:0.8:1.2+noise:0.1");
  const Shape shape{6, 6, 3};
  const auto whole = batch_of(shape, 8);
  const std::vector<Index> which{5, 3, 9, 12, 1, 0, 77, 4};
  const auto together = applied(change, whole, which, 1, 2);
  CHECK(together.matrix() == applied(change, whole, which, 1, 2).matrix());
  CHECK(together.matrix() != applied(change, whole, which, 2, 2).matrix());
  CHECK(together.matrix() != applied(change, whole, which, 1, 3).matrix());
  for (Index n = 0; n < 8; ++n) {
    Tensor<double> alone(shape, 1);
    alone.matrix() = whole.matrix().col(n);
    const auto result = applied(change, alone, {which[static_cast<std::size_t>(n)]}, 1, 2);
    CHECK(result.matrix() == together.matrix().col(n));
  }
}

TEST_CASE("no augmentation changes nothing") {
  const auto batch = batch_of(Shape{3, 3, 1}, 2);
  CHECK(applied(Augmentation{}, batch, {0, 1}, 1, 1).matrix() == batch.matrix());
  CHECK(Augmentation{}.none());
  CHECK_FALSE(Augmentation{.flip = true}.none());
}

TEST_CASE("half of the samples are flipped and every shift occurs") {
  const Shape shape{1, 3, 1};
  const Index samples = 2000;
  std::vector<Index> which(static_cast<std::size_t>(samples));
  std::iota(which.begin(), which.end(), Index{0});
  Tensor<double> batch(shape, samples);
  for (Index n = 0; n < samples; ++n)
    for (Index x = 0; x < 3; ++x) batch.sample(n)[x] = static_cast<double>(x + 1);
  const auto flipped = applied(Augmentation{.flip = true}, batch, which, 1, 0);
  Index count = 0;
  for (Index n = 0; n < samples; ++n) count += flipped.sample(n)[0] == 3 ? 1 : 0;
  CHECK(count > 1000 - 5 * 22);  // binomial: deviation 22.4
  CHECK(count < 1000 + 5 * 23);

  const auto moved = applied(Augmentation{.crop = 1}, batch, which, 1, 0);
  std::vector<int> first(4, 0);  // value of the first pixel, rows moved out of sight are black
  for (Index n = 0; n < samples; ++n) {
    const double* row = moved.sample(n);
    ++first[row[1] == 0 ? 3 : static_cast<std::size_t>(row[0])];
  }
  // One shift in three keeps the row, and then a third each: 2000 / 9 = 222, deviation 14.1.
  for (const std::size_t start : {0U, 1U, 2U}) {
    CHECK(first[start] > 222 - 5 * 15);
    CHECK(first[start] < 222 + 5 * 15);
  }
}

TEST_CASE("a zoom shows a part of the side asked for, and all such sides occur") {
  // On a ramp 0, 1, ..., 10 the first pixel shows where the part begins and the last where it ends.
  const Index samples = 1000;
  std::vector<Index> which(static_cast<std::size_t>(samples));
  std::iota(which.begin(), which.end(), Index{0});
  Tensor<double> batch(GENERATE(Shape{1, 11, 1}, Shape{11, 1, 1}), samples);
  for (Index i = 0; i < batch.size(); ++i) batch.data()[i] = static_cast<double>(i % 11);
  const auto zoomed = applied(Augmentation{.zoom = 0.25}, batch, which, 1, 0);
  double least = 1, most = 0, rounding = 1e-12;
  for (Index n = 0; n < samples; ++n) {
    const double first = zoomed.sample(n)[0], last = zoomed.sample(n)[10];
    CHECK(first >= 0);
    CHECK(last <= 10 + rounding);
    least = std::min(least, (last - first) / 10);
    most = std::max(most, (last - first) / 10);
  }
  // A thousand uniform draws leave a hundredth at either end empty with probability 5e-5.
  CHECK(least >= 0.75 - rounding);
  CHECK(least < 0.75 + 0.0025);
  CHECK(most <= 1 + rounding);
  CHECK(most > 1 - 0.0025);
}

TEST_CASE("noise has the deviation asked for") {
  Tensor<double> batch(Shape{100, 100, 1}, 1);
  batch.matrix().setZero();
  Augmentation{.noise = 0.25}.apply(batch, std::array{Index{0}}, 1, 0);
  // 10,000 draws: the deviation of the estimate is 0.25 / sqrt(20000) = 0.0018.
  CHECK(std::sqrt(batch.matrix().squaredNorm() / 10000) == Approx(0.25).margin(0.009));
  CHECK(batch.matrix().mean() == Approx(0).margin(0.0125));
}

TEST_CASE("a batch and its indices must agree in number") {
  auto batch = batch_of(Shape{2, 2, 1}, 3);
  CHECK_THROWS_AS(Augmentation{.flip = true}.apply(batch, std::array{Index{0}}, 1, 0),
                  ArgumentError);
}
