// What a program sees of the classifier: the standard library, neither gloro nor Eigen.
#pragma once

#include <memory>
#include <string>
#include <vector>

struct Answer {
  int label;      ///< negative: no answer can be proved
  double radius;  ///< the label holds everywhere closer than this
  std::vector<float> logits;
};

class [[gnu::visibility("default")]] Classifier {
 public:
  explicit Classifier(const std::string& model);
  ~Classifier();

  [[nodiscard]] Answer certify(const std::vector<float>& image) const;
  /// The level of x86-64 that this library was compiled for.
  [[nodiscard]] static std::string level();

 private:
  class Network;
  std::unique_ptr<const Network> network_;
};
