// The network that a command line names: a model file, or, where gloro::onnx is there, an ONNX file; and
// whether it takes the images.
#pragma once

#include <gloro/core/error.hpp>
#include <gloro/core/number.hpp>
#include <gloro/core/shape.hpp>
#include <gloro/core/tensor.hpp>
#include <gloro/data/dataset.hpp>
#include <gloro/io/model_file.hpp>
#include <gloro/model/gloro_model.hpp>

#if defined(GLORO_WITH_ONNX) && GLORO_WITH_ONNX
#include <gloro/io/onnx_reader.hpp>
#endif

#include "readers.hpp"

#include <algorithm>
#include <concepts>
#include <filesystem>
#include <ostream>
#include <string>
#include <utility>

inline bool is_onnx(const std::string& path) {
  return std::filesystem::path(path).extension() == ".onnx";
}

#if defined(GLORO_WITH_ONNX) && GLORO_WITH_ONNX
/// The largest difference between logits of `model` and those of the file's own operators, in double,
/// on the first of `images`: what folding and rounding of weights and passes come to.
template <std::floating_point Scalar>
double difference_to_file(const std::string& path, const gloro::GloroModel<Scalar>& model,
                          const gloro::data::Dataset& images, const gloro::OnnxOptions& options) {
  using namespace gloro;
  OnnxOptions as_it_stands = options;
  as_it_stands.is_folded = false;
  const GloroModel<double> file = load_onnx<double>(path, as_it_stands).model;
  data::Dataset first = images.head(256);
  if (std::same_as<Scalar, float>) first = first.rounded();  // both see the same
  const Tensor<double> wanted = file.logits(first.images<double>(0, first.size()));
  const Tensor<Scalar> found = model.logits(first.images<Scalar>(0, first.size()));
  return (found.matrix().template cast<double>() - wanted.matrix()).cwiseAbs().maxCoeff();
}
#endif

/// Throws ShapeError where the network of `file` takes other images, or they have labels of more classes.
template <std::floating_point Scalar>
void require_fit(const std::string& file, const gloro::GloroModel<Scalar>& model,
                 const gloro::data::Dataset& images) {
  using namespace gloro;
  if (images.shape() != model.input_shape())
    throw ShapeError(message(file, " takes images of ", model.input_shape(), ", ", images.name(),
                             " has ", images.shape()));
  if (images.classes() > static_cast<int>(model.classes()))
    throw ShapeError(message(file, " knows ", model.classes(), " classes, and ", images.name(),
                             " has labels of ", images.classes()));
}

/// Tells `people` what was folded in an ONNX file, and what that came to on `images`, whose shape also
/// says what an input is that the file leaves open.
template <std::floating_point Scalar>
gloro::LoadedModel<Scalar> load_network(const std::string& path, const gloro::LoadOptions& limits,
                                        [[maybe_unused]] const gloro::data::Dataset& images,
                                        [[maybe_unused]] std::ostream& people) {
  using namespace gloro;
  if (!is_onnx(path)) return load_model<Scalar>(path, limits);
#if defined(GLORO_WITH_ONNX) && GLORO_WITH_ONNX
  OnnxOptions options{.input = images.shape(), .most_memory = limits.most_memory};
  OnnxModel<Scalar> read = load_onnx<Scalar>(path, options);
  for (const std::string& remark : read.remarks) people << remark << '\n';
  if (read.model.input_shape() == images.shape())
    people << "logits differ from those of the file's operators in double by at most "
           << rounded_text(difference_to_file(path, read.model, images, options), 2) << " on "
           << std::min<Index>(256, images.size()) << " images; what is proved is of these\n\n";
  return {std::move(read.model), std::move(read.metadata)};
#else
  throw command_line::Mistake(
      path + ": this program was built without gloro::onnx, and reads no ONNX files");
#endif
}
