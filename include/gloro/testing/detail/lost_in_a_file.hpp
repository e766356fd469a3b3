// What a layer loses on its way to a file and back: to its description, and by a catalogue to a layer again.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "gloro/core/error.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/layers/any_layer.hpp"
#include "gloro/layers/catalogue.hpp"

namespace gloro::testing::detail {

/// In words; empty where the layer made of `description`, with the same parameters, gives the same outputs
/// for `x`.
[[nodiscard]] inline std::string lost_in_a_file(const AnyLayer<float>& layer, Shape input,
                                                const Description& description,
                                                const Catalogue& catalogue,
                                                const Tensor<float>& x) {
  try {
    AnyLayer<float> again = catalogue.make<float>(description);
    again.place(input);
    const auto from = layer.parameters();
    const auto to = again.parameters();
    if (from.size() != to.size())
      return message("its description makes ", to.size(), " parameters of ", from.size());
    for (std::size_t p = 0; p < to.size(); ++p) to[p]->value = from[p]->value;
    if (again.forward(x, {}).matrix() != layer.forward(x, {}).matrix())
      return "made from its description it gives other outputs";
  } catch (const Error& error) {
    return message("its description does not lead back to it: ", error.what());
  }
  return {};
}

}  // namespace gloro::testing::detail
