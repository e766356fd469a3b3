// The plain float forward pass of a batch, in the chunks that a certifier takes: what a proof is
// measured against.
#pragma once

#include <algorithm>
#include <utility>

#include "gloro/certify/certifier.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/parallel/workers.hpp"

namespace bench {

inline void forward_pass(const gloro::GloroModel<float>& model, const gloro::Tensor<float>& images,
                         gloro::Workers& workers) {
  using gloro::Index;
  constexpr Index chunk = gloro::Certifier<float>::chunk;
  const Index batch = images.batch();
  workers.for_each((batch + chunk - 1) / chunk, [&](Index c) {
    const Index first = c * chunk, count = std::min(chunk, batch - first);
    gloro::Tensor<float> some(images.shape(), count);
    std::copy_n(images.sample(first), some.size(), some.data());
    (void)model.logits(std::move(some));
  });
}

}  // namespace bench
