// The only source that includes gloro; compiled once for each level.
#include "classifier.hpp"

#include <gloro/certify/certifier.hpp>
#include <gloro/core/error.hpp>
#include <gloro/io/model_file.hpp>

#include <algorithm>
#include <memory>
#include <utility>

class Classifier::Network {
 public:
  explicit Network(const std::string& model) : certifier(gloro::load_model<float>(model).model) {}
  gloro::Certifier<float> certifier;
};

Classifier::Classifier(const std::string& model)
    : network_(std::make_unique<const Network>(model)) {}
Classifier::~Classifier() = default;

Answer Classifier::certify(const std::vector<float>& image) const {
  const gloro::Certifier<float>& certifier = network_->certifier;
  gloro::Tensor<float> x(certifier.model().input_shape(), 1);
  if (x.size() != static_cast<gloro::Index>(image.size()))
    throw gloro::ArgumentError("the image has the wrong size");
  std::copy(image.begin(), image.end(), x.data());
  const gloro::Certificate proved = certifier.certify_image(x);
  const gloro::Tensor<float> y = certifier.model().logits(std::move(x));
  return {proved.label, proved.radius, {y.data(), y.data() + y.size()}};
}

std::string Classifier::level() {
#if defined(__AVX512F__)
  return "x86-64-v4";
#elif defined(__AVX2__)
  return "x86-64-v3";
#elif defined(__SSE4_2__)
  return "x86-64-v2";
#else
  return "baseline";
#endif
}
