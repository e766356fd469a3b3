// Certifier: answers that prove themselves. A label is given only if the margin exceeds the
// rounding error of the evaluation that found it, and the radius is what is left over K (Leino,
// Wang and Fredrikson 2021, section 3, made sound in floating point): docs/soundness.md.
#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <vector>

#include "gloro/certify/certificate.hpp"
#include "gloro/certify/certify_options.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/model/guarantee.hpp"

namespace gloro {

namespace data {
class Dataset;
}

/// Made from a model once, which it copies; immutable afterwards, and so safe to share by threads.
template <std::floating_point Scalar>
class Certifier {
  static_assert(std::same_as<Scalar, float> || std::same_as<Scalar, double>,
                "certificates are proved in float and double only");

 public:
  static constexpr Index chunk = 32;  ///< samples evaluated together: activations stay in the cache

  /// Computes rigorous bounds of all layers, and tests that each computes what it says it does
  /// (certify/detail/self_test.hpp). Throws Error, naming the layer, if one does not, does not state its
  /// rounding error or cannot be evaluated in double; ShapeError if a weight has other extents than
  /// its layer was placed with.
  explicit Certifier(const GloroModel<Scalar>& model);
  /// For a guarantee other than the model's own: it need not have been trained for it. Throws
  /// ArgumentError if it does not fit the model's classes.
  Certifier(const GloroModel<Scalar>& model, Guarantee guarantee);

  [[nodiscard]] const GloroModel<Scalar>& model() const;
  /// What its answers promise.
  [[nodiscard]] const Guarantee& guarantee() const;
  /// K_ji, the Lipschitz constant of y_j - y_i, never too small: classes x classes.
  [[nodiscard]] const Matrix<double>& margin_constants() const;
  /// That of one pair, for more classes than a table can have.
  [[nodiscard]] double margin_constant(Index j, Index i) const;
  /// The rigorous bound of each layer before the head.
  [[nodiscard]] const std::vector<double>& layer_bounds() const;
  /// The layers whose bounds are rough, if sound, because better ones would cost too much for so few
  /// weights (lipschitz/affordable.hpp), the head's distances included. None in ordinary networks.
  [[nodiscard]] std::vector<std::size_t> quickly_bounded() const;

  // Images come in float or in double (`Of`), whatever the network is held in: an answer is about the
  // very numbers that are given, none of which is rounded. Throws ShapeError for images of another shape
  // than the model's input, ArgumentError for a negative or NaN epsilon.

  /// An answer for each image of a batch.
  template <std::floating_point Of>
  [[nodiscard]] Certificates certify(const Tensor<Of>& images,
                                     const CertifyOptions& options = {}) const;
  /// For each image of a data set, of which a chunk a thread is in memory at a time.
  [[nodiscard]] Certificates certify(const data::Dataset& images,
                                     const CertifyOptions& options = {}) const;
  /// The answer for one image, a batch of one; asks the heap for nothing after the first call. Throws
  /// ShapeError for more images.
  template <std::floating_point Of>
  [[nodiscard]] Certificate certify_image(const Tensor<Of>& image,
                                          const CertifyOptions& options = {}) const;

 private:
  struct State;

  std::shared_ptr<const State> state_;  // never changes: copies share it
};

}  // namespace gloro

#ifndef GLORO_COMPILED
#include "gloro/certify/certifier.ipp"
#endif
