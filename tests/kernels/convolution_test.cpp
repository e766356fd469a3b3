// The three convolutions against plain loops in double, within the rounding that their promised
// depth of summation allows: any kernel, stride, margin and channel count, any instruction set.
#include "gloro/kernels/convolution.hpp"

#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "gloro/kernels/contraction.hpp"
#include "gloro/parallel/workers.hpp"
#include "kernels/plain_convolution.hpp"

using namespace plain_loops;

namespace {

// All three kernels on one layer; the text of a failure is the layer.
template <typename Scalar>
void check(const ConvolutionGeometry& g, Index batch, std::mt19937& random) {
  using gloro::kernels::summation_depth;
  const Index inputs = g.input.size(), outputs = g.output.size();
  const Index taps = g.taps() * g.output.channels;
  const auto x = random_values<Scalar>(batch * inputs, random);
  const auto filters = random_values<Scalar>(taps, random);
  const auto bias = random_values<Scalar>(g.output.channels, random);
  const auto dy = random_values<Scalar>(batch * outputs, random);
  CAPTURE(g.input, g.output, g.kernel_height, g.kernel_width, g.stride_height, g.stride_width);
  CAPTURE(g.pad_top, g.pad_left, batch);

  Expected y(batch * outputs), dx(batch * inputs), dfilters(taps);
  for (Index i = 0; i < batch * outputs; ++i)
    y.add(i, static_cast<double>(*at(bias, i % g.output.channels)));
  std::vector<Scalar> new_dfilters(static_cast<std::size_t>(taps), Scalar(1));
  for (Index i = 0; i < taps; ++i) dfilters.add(i, 1);
  for (Index n = 0; n < batch; ++n)
    for_each_product(g, [&](Index i, Index f, Index o) {
      const double input = static_cast<double>(*at(x, n * inputs + i));
      const double filter = static_cast<double>(*at(filters, f));
      const double slope = static_cast<double>(*at(dy, n * outputs + o));
      y.add(n * outputs + o, input * filter);
      dx.add(n * inputs + i, slope * filter);
      dfilters.add(f, input * slope);
    });

  std::vector<Scalar> new_y(y.value.size(), Scalar(-9)), new_dx(dx.value.size(), Scalar(-9));
  gloro::kernels::Convolution<Scalar> forward{.geometry = g,
                                              .filters = filters.data(),
                                              .bias = bias.data(),
                                              .x = x.data(),
                                              .y = new_y.data(),
                                              .batch = batch};
  convolve(forward);
  CHECK(within(new_y, y, summation_depth(g), g.taps() + 1));
  gloro::kernels::TransposedConvolution<Scalar> back{.geometry = g,
                                                     .filters = filters.data(),
                                                     .dy = dy.data(),
                                                     .dx = new_dx.data(),
                                                     .batch = batch};
  convolve_transposed(back);
  const Index terms = g.kernel_height * g.kernel_width * g.output.channels;
  CHECK(within(new_dx, dx, gloro::kernels::Summation(terms).depth(), terms));
  gloro::kernels::correlate_filters<Scalar>({.geometry = g,
                                             .x = x.data(),
                                             .dy = dy.data(),
                                             .dfilters = new_dfilters.data(),
                                             .batch = batch});
  const Index pixels = batch * g.output.height * g.output.width;
  CHECK(within(new_dfilters, dfilters, pixels + 1, pixels + 1));

  // A sample alone has the bits that it has in the batch, with a null bias for a bias of zeros.
  const std::vector<Scalar> none(bias.size(), Scalar(0));
  forward.bias = none.data();
  convolve(forward);
  std::vector<Scalar> last(static_cast<std::size_t>(outputs));
  forward.bias = nullptr;
  forward.x = at(x, (batch - 1) * inputs);
  forward.y = last.data();
  forward.batch = 1;
  convolve(forward);
  CHECK(std::equal(last.begin(), last.end(), at(new_y, (batch - 1) * outputs)));
  std::vector<Scalar> last_dx(static_cast<std::size_t>(inputs));
  back.dy = at(dy, (batch - 1) * outputs);
  back.dx = last_dx.data();
  back.batch = 1;
  convolve_transposed(back);
  CHECK(std::equal(last_dx.begin(), last_dx.end(), at(new_dx, (batch - 1) * inputs)));
}

template <typename Scalar>
void check_random_layers(int count, unsigned seed) {
  std::mt19937 random(seed);
  const auto between = [&](Index low, Index high) {
    return std::uniform_int_distribution<Index>(low, high)(random);
  };
  const std::vector<Index> channels{1, 2, 3, 5, 8, 16, 17, 32, 33, 40, 64};
  const auto any_channels = [&] {
    return channels[static_cast<std::size_t>(between(0, static_cast<Index>(channels.size()) - 1))];
  };
  const std::vector<Index> batches{1, 2, 5};
  for (int done = 0; done < count;) {
    const bool wide = done % 16 == 0;  // a few rows that need several tiles
    const Shape input{between(1, 9), wide ? between(10, 40) : between(1, 9), any_channels()};
    const auto g =
        geometry(input, any_channels(), between(1, 5), between(1, 5), between(1, 3), between(1, 3),
                 {between(0, 6), between(0, 6), between(0, 6), between(0, 6)});
    if (g.output.height == 0 || g.output.width == 0) continue;
    if (g.output.size() * g.taps() > 3'000'000) continue;  // time
    check<Scalar>(g, batches[static_cast<std::size_t>(between(0, 2))], random);
    ++done;
  }
}

}  // namespace

TEST_CASE("Float convolutions of any shape are right to their promised depth") {
  check_random_layers<float>(600, 1);
}

TEST_CASE("Double convolutions of any shape are right to their promised depth") {
  check_random_layers<double>(300, 2);
}

TEST_CASE("Every small kernel, stride and margin is right") {
  std::mt19937 random(3);
  for (Index size = 1; size <= 6; ++size)
    for (Index kernel = 1; kernel <= 4; ++kernel)
      for (Index stride = 1; stride <= 3; ++stride)
        for (Index before = 0; before <= kernel; ++before)
          for (Index after = 0; after <= 2; ++after) {
            const auto g = geometry({size, 7 - size, 2}, 3, kernel, 5 - kernel, stride, 4 - stride,
                                    {before, after, after, before});
            if (g.output.height > 0 && g.output.width > 0) check<float>(g, 1, random);
          }
}

TEST_CASE("The layers of the published networks are right") {
  std::mt19937 random(4);
  check<float>(geometry({28, 28, 1}, 16, 4, 4, 2, 2, {1, 1, 1, 1}), 2, random);
  check<float>(geometry({14, 14, 16}, 32, 4, 4, 2, 2, {1, 1, 1, 1}), 2, random);
  check<float>(geometry({28, 28, 1}, 32, 3, 3, 1, 1, {1, 1, 1, 1}), 1, random);
  check<float>(geometry({32, 32, 3}, 32, 3, 3, 1, 1, {1, 1, 1, 1}), 1, random);
  check<float>(geometry({16, 16, 32}, 32, 4, 4, 2, 2, {1, 1, 1, 1}), 1, random);
  check<float>(geometry({14, 14, 32}, 64, 3, 3, 1, 1, {1, 1, 1, 1}), 1, random);
  check<double>(geometry({14, 14, 64}, 64, 4, 4, 2, 2, {1, 1, 1, 1}), 1, random);
}

TEST_CASE("A narrow kernel on an image whose rows fill the cache is right") {
  // Rows of the filter are taken in pairs, and one row of the image is as much as stays near.
  std::mt19937 random(5);
  for (const Index kernel : {2, 3, 5}) {
    check<float>(geometry({5, 4500, 1}, 2, kernel, 1, 1, 1, {1, 1, 0, 0}), 1, random);
    check<double>(geometry({5, 2300, 1}, 3, kernel, 2, 1, 2, {0, 1, 0, 0}), 2, random);
  }
}

TEST_CASE("A long sum keeps the promised depth where every addition rounds the same way") {
  // One product is 1, all others are half a unit roundoff: added to 1 one by one, each is lost.
  const auto g = geometry({4, 4, 64}, 16, 4, 4, 1, 1, {0, 0, 0, 0});
  const float small = std::numeric_limits<float>::epsilon() / 4;
  std::vector<float> filters(static_cast<std::size_t>(g.taps() * g.output.channels), 1.0F);
  for (const Index one : {Index{0}, Index{100}, g.taps() - 1}) {
    std::vector<float> x(static_cast<std::size_t>(g.input.size()), small);
    x[static_cast<std::size_t>(one)] = 1;
    Expected expected(g.output.channels);
    for (Index co = 0; co < g.output.channels; ++co)
      expected.add(co, 1 + static_cast<double>(small) * static_cast<double>(g.taps() - 1));
    std::vector<float> y(static_cast<std::size_t>(g.output.channels));
    gloro::kernels::convolve<float>(
        {.geometry = g, .filters = filters.data(), .x = x.data(), .y = y.data()});
    CHECK(within(y, expected, gloro::kernels::summation_depth(g), g.taps()));
  }
  CHECK(gloro::kernels::summation_depth(g) < g.taps() / 4);
}

TEST_CASE("Workers that share an image's rows leave the same bits") {
  std::mt19937 random(8);
  for (const Index filters : {24, 32, 33})
    for (const Index stride : {1, 2}) {
      const auto g = geometry({23, 19, 12}, filters, 3, 3, stride, stride, {1, 1, 1, 1});
      REQUIRE(g.taps() * g.output.size() >= gloro::kernels::detail::worth_sharing);
      const Index batch = 2;
      const auto x = random_values<float>(batch * g.input.size(), random);
      const auto weights = random_values<float>(g.taps() * filters, random);
      const auto bias = random_values<float>(filters, random);
      const auto result = [&](gloro::Workers* workers) {
        std::vector<float> y(static_cast<std::size_t>(batch * g.output.size()));
        gloro::kernels::convolve<float>({.geometry = g,
                                         .filters = weights.data(),
                                         .bias = bias.data(),
                                         .x = x.data(),
                                         .y = y.data(),
                                         .batch = batch},
                                        workers);
        return y;
      };
      const auto alone = result(nullptr);
      for (const int threads : {1, 2, 3, 7}) {
        gloro::Workers workers(threads);
        CHECK(result(&workers) == alone);
      }
    }
}
