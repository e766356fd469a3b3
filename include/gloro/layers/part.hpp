// Part: a layer inside a layer that is made of layers: what walks a network and wants every layer that
// computes asks for them.
#pragma once

#include <concepts>
#include <string>

#include "gloro/core/shape.hpp"

namespace gloro {

template <std::floating_point Scalar>
class AnyLayer;

template <std::floating_point Scalar>
struct Part {
  std::string name;               ///< within the layer, as its parameters have it: `body.0`, say
  const AnyLayer<Scalar>* layer;  ///< lives as long as the layer that it is a part of
  Shape input;                    ///< what it is given
};

}  // namespace gloro
