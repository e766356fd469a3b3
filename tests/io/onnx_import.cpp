// What the tests of the ONNX import (onnx_nodes_test.py, onnx_import_test.py) ask of the library.
//   onnx_import < LIST
// For each line `MODEL INPUTS ANSWERS PRECISION` of the list: reads MODEL in `float` or in `double`, and
// writes to ANSWERS, as float64, the logits of the samples in INPUTS (float64, as the library lays them
// out). Prints a line for each: "ok", and in float a bound of how far other programs may be from the exact
// logits, and the layers; or "refused" and why.
#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/tensor.hpp"
#include "gloro/io/onnx_reader.hpp"
#include "gloro/lipschitz/convolution_bound.hpp"
#include "gloro/lipschitz/magnitude_bound.hpp"
#include "gloro/rounding/bound.hpp"

namespace {

using namespace gloro;

std::vector<double> read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::vector<double> values;
  for (double value; in.read(reinterpret_cast<char*>(&value), sizeof value);)
    values.push_back(value);
  return values;
}

/// How far a layer's outputs may be from exact in float, summed in any order, for inputs of norm n. A
/// layer that another program does in up to four steps (a batch norm) is counted four times.
double rounding_in_any_order(const AnyLayer<double>& layer, const Shape& input, double n) {
  const double u = rounding::unit_roundoff<float>();
  const auto parameters = layer.parameters();
  const bool is_linear = layer.describe().type == "dense" || layer.describe().type == "conv2d";
  if (!is_linear) return 4 * layer.rounding().at(n) * (u / rounding::unit_roundoff<double>());
  const Matrix<double>& weight = parameters[0]->value;
  const double terms = static_cast<double>(weight.cols()) + 2;
  const auto geometry = layer.convolution();
  const double magnitude = layer.describe().type == "dense" || !geometry
                               ? lipschitz::dense_magnitude(weight)
                               : lipschitz::convolution_magnitude(*geometry, weight);
  const double pixels =
      static_cast<double>(layer.output_shape(input).size()) / static_cast<double>(weight.rows());
  const double bias = parameters.size() > 1 ? parameters[1]->value.norm() * std::sqrt(pixels) : 0;
  return rounding::gamma(terms, u) * (magnitude * n + bias);
}

/// A bound for all of the samples, by the norms that they have on their way.
double bound_for(const GloroModel<double>& model, Tensor<double> x) {
  double error = 0;
  Shape shape = model.input_shape();
  for (const auto& layer : model.layers()) {
    const double n = x.matrix().colwise().norm().maxCoeff();
    error = layer.lipschitz_upper_bound() * error + rounding_in_any_order(layer, shape, n + error);
    shape = layer.output_shape(shape);
    x = layer.forward(std::move(x), {});
  }
  return error;
}

template <std::floating_point Scalar>
std::string answer(const std::string& path, const std::string& inputs, const std::string& answers) {
  const OnnxModel<Scalar> read_model = load_onnx<Scalar>(path);
  const std::vector<double> values = read(inputs);
  const Shape& shape = read_model.model.input_shape();
  const Index batch = static_cast<Index>(values.size()) / shape.size();
  Tensor<Scalar> x(shape, batch);
  if (batch * shape.size() != static_cast<Index>(values.size()))
    throw Error(message("samples of ", shape, " do not make ", values.size(), " values"));
  for (Index i = 0; i < x.size(); ++i)
    x.data()[i] = static_cast<Scalar>(values[static_cast<std::size_t>(i)]);
  const Tensor<Scalar> y = read_model.model.logits(x);
  std::ofstream out(answers, std::ios::binary);
  for (Index i = 0; i < y.size(); ++i) {
    const double value = y.data()[i];
    out.write(reinterpret_cast<const char*>(&value), sizeof value);
  }
  if (std::same_as<Scalar, double>) return "ok";  // for single nodes, without a bound
  const GloroModel<double> unfolded = load_onnx<double>(path, {.is_folded = false}).model;
  Tensor<double> wide(shape, batch);
  wide.matrix() = x.matrix().template cast<double>();
  std::string text = message("ok ", bound_for(unfolded, wide));
  for (const auto& layer : read_model.model.layers()) text += " " + layer.describe().type;
  return text;
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) {
    std::istringstream words(line);
    std::string model, inputs, answers, precision;
    words >> model >> inputs >> answers >> precision;
    std::string said;
    try {
      said = precision == "double" ? answer<double>(model, inputs, answers)
                                   : answer<float>(model, inputs, answers);
    } catch (const std::exception& error) {
      said = std::string("refused ") + error.what();
      std::replace(said.begin(), said.end(), '\n', ' ');
    }
    std::cout << said << std::endl;
  }
  return EXIT_SUCCESS;
}
