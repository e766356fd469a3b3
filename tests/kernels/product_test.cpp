// The products of a dense layer against plain loops in double, within the rounding that their
// promised depth of summation allows.
#include "gloro/kernels/product.hpp"
#include "gloro/kernels/product_gradients.hpp"

#include "catch.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "gloro/kernels/contraction.hpp"
#include "gloro/parallel/workers.hpp"
#include "kernels/plain_convolution.hpp"

using gloro::Index;
using plain_loops::random_values;

namespace {

double gamma(Index depth, double unit) {
  return static_cast<double>(depth) * unit / (1 - static_cast<double>(depth) * unit);
}

// A sum in double with the sum of its terms' magnitudes: what a result is held against.
struct ExactSum {
  double value = 0, magnitude = 0;
  Index terms = 0;

  void add(double term) {
    value += term;
    magnitude += std::abs(term);
    ++terms;
  }

  // True if `result` can be a sum in which no term passes through more than `depth` roundings.
  template <typename Scalar>
  bool allows(Scalar result, Index depth) const {
    const double bound = gamma(depth, std::numeric_limits<Scalar>::epsilon() / 2.0) +
                         gamma(terms, std::numeric_limits<double>::epsilon() / 2);
    return std::abs(static_cast<double>(result) - value) <= bound * magnitude;
  }
};

template <typename Scalar>
double value(const std::vector<Scalar>& values, Index i) {
  return static_cast<double>(values[static_cast<std::size_t>(i)]);
}

template <typename Scalar>
void check(Index outputs, Index inputs, Index batch, std::mt19937& random) {
  CAPTURE(outputs, inputs, batch);
  const auto weights = random_values<Scalar>(outputs * inputs, random);
  const auto bias = random_values<Scalar>(outputs, random);
  const auto x = random_values<Scalar>(inputs * batch, random);
  const auto dy = random_values<Scalar>(outputs * batch, random);
  std::vector<Scalar> y(dy.size(), Scalar(-9)), dx(x.size(), Scalar(-9));
  std::vector<Scalar> dweights(weights.size(), Scalar(1));
  gloro::kernels::Product<Scalar> product_of{.outputs = outputs,
                                             .inputs = inputs,
                                             .batch = batch,
                                             .weights = weights.data(),
                                             .bias = bias.data(),
                                             .x = x.data(),
                                             .y = y.data()};
  multiply(product_of);
  gloro::kernels::multiply_transposed<Scalar>({.outputs = outputs,
                                               .inputs = inputs,
                                               .batch = batch,
                                               .weights = weights.data(),
                                               .dy = dy.data(),
                                               .dx = dx.data()});
  gloro::kernels::outer_add<Scalar>({.outputs = outputs,
                                     .inputs = inputs,
                                     .batch = batch,
                                     .x = x.data(),
                                     .dy = dy.data(),
                                     .dweights = dweights.data()});

  bool product = true, transposed = true, gradient = true;
  for (Index n = 0; n < batch; ++n) {
    for (Index o = 0; o < outputs; ++o) {
      ExactSum sum;
      sum.add(value(bias, o));
      for (Index i = 0; i < inputs; ++i)
        sum.add(value(weights, i * outputs + o) * value(x, n * inputs + i));
      product &= sum.allows(y[static_cast<std::size_t>(n * outputs + o)],
                            gloro::kernels::product_depth(inputs));
    }
    for (Index i = 0; i < inputs; ++i) {
      ExactSum sum;
      for (Index o = 0; o < outputs; ++o)
        sum.add(value(weights, i * outputs + o) * value(dy, n * outputs + o));
      transposed &= sum.allows(dx[static_cast<std::size_t>(n * inputs + i)], outputs);
    }
  }
  for (Index i = 0; i < inputs; ++i)
    for (Index o = 0; o < outputs; ++o) {
      ExactSum sum;
      sum.add(1);
      for (Index n = 0; n < batch; ++n)
        sum.add(value(dy, n * outputs + o) * value(x, n * inputs + i));
      gradient &= sum.allows(dweights[static_cast<std::size_t>(i * outputs + o)], batch + 1);
    }
  CHECK(product);
  CHECK(transposed);
  CHECK(gradient);

  // Every sample alone has the bits that it has in the batch, with a null bias for one of zeros.
  const std::vector<Scalar> none(bias.size(), Scalar(0));
  product_of.bias = none.data();
  multiply(product_of);
  bool same = true;
  for (Index n = 0; n < batch; ++n) {
    std::vector<Scalar> alone(static_cast<std::size_t>(outputs));
    gloro::kernels::multiply<Scalar>({.outputs = outputs,
                                      .inputs = inputs,
                                      .weights = weights.data(),
                                      .x = x.data() + n * inputs,
                                      .y = alone.data()});
    same &= std::equal(alone.begin(), alone.end(), y.data() + n * outputs);
  }
  CHECK(same);
}

}  // namespace

TEST_CASE("Products of any extents are right to their promised depth") {
  std::mt19937 random(1);
  for (const Index outputs : {1, 2, 3, 8, 10, 15, 16, 17, 33, 100, 129, 300})
    for (const Index inputs : {1, 2, 13, 14, 15, 64, 65, 200})
      for (const Index batch : {1, 2, 6, 7, 15, 16, 17, 33, 48}) {
        check<float>(outputs, inputs, batch, random);
        if (batch < 20) check<double>(outputs, inputs, batch, random);
      }
}

TEST_CASE("A long product keeps the promised depth where every addition rounds the same way") {
  // One product is 1, all others are half a unit roundoff: added to 1 one by one, each is lost.
  const Index outputs = 40, inputs = 3000, batch = 9;
  const std::vector<float> weights(static_cast<std::size_t>(outputs * inputs), 1.0F);
  const float small = std::numeric_limits<float>::epsilon() / 4;
  for (const Index one : {Index{0}, Index{1500}, inputs - 1}) {
    std::vector<float> x(static_cast<std::size_t>(inputs * batch), small);
    for (Index n = 0; n < batch; ++n) x[static_cast<std::size_t>(n * inputs + one)] = 1;
    ExactSum expected;
    for (Index i = 0; i < inputs; ++i) expected.add(value(x, i));
    for (const Index samples : {Index{1}, batch}) {
      std::vector<float> y(static_cast<std::size_t>(outputs * samples));
      gloro::kernels::multiply<float>({.outputs = outputs,
                                       .inputs = inputs,
                                       .batch = samples,
                                       .weights = weights.data(),
                                       .x = x.data(),
                                       .y = y.data()});
      CHECK(std::all_of(y.begin(), y.end(), [&](float value) {
        return expected.allows(value, gloro::kernels::product_depth(inputs));
      }));
    }
  }
  CHECK(gloro::kernels::product_depth(inputs) < inputs / 20);
}

TEST_CASE("Workers that share the values of a few samples leave the same bits") {
  std::mt19937 random(9);
  for (const Index outputs : {512, 500, 17}) {
    const Index inputs = gloro::kernels::detail::worth_sharing / outputs + 1;
    const auto weights = random_values<float>(outputs * inputs, random);
    const auto bias = random_values<float>(outputs, random);
    const auto x = random_values<float>(2 * inputs, random);
    const auto dy = random_values<float>(outputs, random);
    const auto result = [&](gloro::Workers* workers) {
      std::vector<float> y(static_cast<std::size_t>(2 * outputs));
      gloro::kernels::multiply<float>({.outputs = outputs,
                                       .inputs = inputs,
                                       .batch = 2,
                                       .weights = weights.data(),
                                       .bias = bias.data(),
                                       .x = x.data(),
                                       .y = y.data()},
                                      workers);
      return y;
    };
    const auto transposed = [&](gloro::Workers* workers) {
      std::vector<float> dx(static_cast<std::size_t>(inputs), -9.0F);
      gloro::kernels::multiply_transposed<float>({.outputs = outputs,
                                                  .inputs = inputs,
                                                  .weights = weights.data(),
                                                  .dy = dy.data(),
                                                  .dx = dx.data()},
                                                 workers);
      return dx;
    };
    const auto alone = result(nullptr), transposed_alone = transposed(nullptr);
    for (const int threads : {1, 2, 3, 7}) {
      gloro::Workers workers(threads);
      CHECK(result(&workers) == alone);
      CHECK(transposed(&workers) == transposed_alone);
    }
  }
}
