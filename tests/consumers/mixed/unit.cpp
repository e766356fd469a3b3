// A product by gloro's kernels and one by Eigen, from whichever unit of the program this is: their
// largest distance from the plain sums.
#include <gloro/kernels/product.hpp>

#include <algorithm>
#include <cmath>

#include <gloro/core/tensor.hpp>

double UNIT() {
  using gloro::Index;
  constexpr Index outputs = 37, inputs = 53, batch = 19;
  gloro::Matrix<float> weight(outputs, inputs);
  gloro::Tensor<float> x(gloro::Shape::flat(inputs), batch), y(gloro::Shape::flat(outputs), batch);
  for (Index i = 0; i < weight.size(); ++i)
    weight.data()[i] = static_cast<float>(i % 13) / 8 - 0.7F;
  for (Index i = 0; i < x.size(); ++i) x.data()[i] = static_cast<float>(i % 7) / 4 - 0.6F;
  gloro::kernels::multiply<float>({.outputs = outputs,
                                   .inputs = inputs,
                                   .batch = batch,
                                   .weights = weight.data(),
                                   .x = x.data(),
                                   .y = y.data()});
  const gloro::Matrix<double> by_eigen = weight.cast<double>() * x.matrix().cast<double>();
  double worst = 0;
  for (Index n = 0; n < batch; ++n)
    for (Index i = 0; i < outputs; ++i) {
      double sum = 0;
      for (Index j = 0; j < inputs; ++j)
        sum += static_cast<double>(weight(i, j)) * static_cast<double>(x.sample(n)[j]);
      worst = std::max({worst, std::abs(static_cast<double>(y.sample(n)[i]) - sum) * 1e-4,
                        std::abs(by_eigen(i, n) - sum)});
    }
  return worst;
}
