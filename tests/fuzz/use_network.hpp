// What a network that a fuzzed file made is put to: evaluated, and, if it is small, certified.
#pragma once

#include <gloro/certify/certifier.hpp>
#include <gloro/core/tensor.hpp>
#include <gloro/model/gloro_model.hpp>

#include "fuzzed_file.hpp"

namespace gloro::fuzz {

inline constexpr double most_memory = 1 << 18;  // of a network that is evaluated
inline constexpr Index most_certified = 160;    // values of one that is also certified

inline Index values_in(const GloroModel<float>& model) {
  Index values = model.input_shape().size();
  for (std::size_t l = 0; l < model.layers().size(); ++l) values += model.output_shape(l).size();
  return values;
}

inline void use(const GloroModel<float>& model) {
  Tensor<float> zero(model.input_shape(), 1);
  zero.matrix().setZero();
  const auto logits = model.logits(zero);
  require(logits.size() == model.classes(), "a logit for each class");
  if (values_in(model) > most_certified) return;
  const Certifier<float> certifier(model);
  const auto answer = certifier.certify_image(zero, {.epsilon = 0.01});
  require(answer.abstains() || logits.matrix().allFinite(), "no label without finite logits");
}

}  // namespace gloro::fuzz
