// The network that a command line names: a model file, or, where gloro::onnx is there, an ONNX file; and
// whether it takes the images. load_network.cpp alone reads ONNX, whose headers are dear to compile.
#pragma once

#include <gloro/core/error.hpp>
#include <gloro/data/dataset.hpp>
#include <gloro/io/model_file.hpp>
#include <gloro/model/gloro_model.hpp>

#include <concepts>
#include <ostream>
#include <string>

/// By the name alone.
[[nodiscard]] bool is_onnx(const std::string& path);

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
/// says what an input is that the file leaves open. In float and in double.
template <std::floating_point Scalar>
[[nodiscard]] gloro::LoadedModel<Scalar> load_network(const std::string& path,
                                                      const gloro::LoadOptions& limits,
                                                      const gloro::data::Dataset& images,
                                                      std::ostream& people);
