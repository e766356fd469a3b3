// Certifier: answers that prove themselves. A label is given only if the margin exceeds the
// rounding error of the evaluation that found it, and the radius is what is left over K (Leino,
// Wang and Fredrikson 2021, section 3, made sound in floating point): docs/soundness.md.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <functional>
#include <numeric>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "gloro/certify/certificate.hpp"
#include "gloro/certify/certify_options.hpp"
#include "gloro/certify/detail/arithmetic.hpp"
#include "gloro/certify/detail/margins.hpp"
#include "gloro/certify/detail/running_error.hpp"
#include "gloro/certify/detail/samples.hpp"
#include "gloro/certify/detail/self_test.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/model/guarantee.hpp"
#include "gloro/rounding/environment.hpp"

namespace gloro {

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
  explicit Certifier(const GloroModel<Scalar>& model) : Certifier(model, model.guarantee()) {}
  /// For a guarantee other than the model's own: it need not have been trained for it. Throws
  /// ArgumentError if it does not fit the model's classes.
  Certifier(const GloroModel<Scalar>& model, Guarantee guarantee)
      : Certifier(model, std::move(guarantee), rounding::DefaultFloatingPoint()) {}

  [[nodiscard]] const GloroModel<Scalar>& model() const {
    if constexpr (has_float)
      return in_float_->forward.model();
    else
      return in_double_->forward.model();
  }
  /// What its answers promise.
  [[nodiscard]] const Guarantee& guarantee() const { return guarantee_; }
  /// K_ji, the Lipschitz constant of y_j - y_i, never too small: classes x classes.
  [[nodiscard]] const Matrix<double>& margin_constants() const { return margins_->constants(); }
  /// That of one pair, for more classes than a table can have.
  [[nodiscard]] double margin_constant(Index j, Index i) const { return margins_->constant(j, i); }
  /// The rigorous bound of each layer before the head.
  [[nodiscard]] const std::vector<double>& layer_bounds() const { return stretches_; }
  /// The layers whose bounds are rough, if sound, because better ones would cost too much for so few
  /// weights (lipschitz/affordable.hpp), the head's distances included. None in ordinary networks.
  [[nodiscard]] std::vector<std::size_t> quickly_bounded() const {
    std::vector<std::size_t> which;
    const auto& layers = model().layers();
    const Matrix<Scalar>& head = model().head().weight();
    for (std::size_t l = 0; l + 1 < layers.size(); ++l)
      if (layers[l].has_quick_bound()) which.push_back(l);
    if (!Margins::has_table(head.rows(), head.cols())) which.push_back(layers.size() - 1);
    return which;
  }

  // Images come in float or in double (`Of`), whatever the network is held in: an answer is about the
  // very numbers that are given, none of which is rounded. Throws ShapeError for images of another shape
  // than the model's input, ArgumentError for a negative or NaN epsilon.

  /// An answer for each image of a batch.
  template <std::floating_point Of>
  [[nodiscard]] Certificates certify(const Tensor<Of>& images,
                                     const CertifyOptions& options = {}) const {
    model().require_input(images.shape());
    if (images.batch() != 1) return certify(detail::samples_of(images), options);
    Certificates result = blank(1);
    take(result, 0, judge_image(images, options, result.needed_double));
    return result;
  }
  /// For each image of a data set, of which a chunk a thread is in memory at a time.
  [[nodiscard]] Certificates certify(const data::Dataset& images,
                                     const CertifyOptions& options = {}) const {
    model().require_input(images.shape());
    return certify(detail::samples_of(images), options);
  }
  /// The answer for one image, a batch of one; asks the heap for nothing after the first call. Throws
  /// ShapeError for more images.
  template <std::floating_point Of>
  [[nodiscard]] Certificate certify_image(const Tensor<Of>& image,
                                          const CertifyOptions& options = {}) const {
    model().require_input(image.shape());
    if (image.batch() != 1)
      throw ShapeError(message("expected one image, got a batch of ", image.batch(),
                               ": certify() answers for each of a batch"));
    Index in_double = 0;
    return answer(judge_image(image, options, in_double));
  }

 private:
  using Verdict = Margins::Verdict;
  static constexpr bool has_float = std::same_as<Scalar, float>;

  template <typename Of>
  using Arithmetic = detail::Arithmetic<Of>;

  Certifier(const GloroModel<Scalar>& model, Guarantee guarantee,
            const rounding::DefaultFloatingPoint&)
      : guarantee_(std::move(guarantee)) {
    guarantee_.require_classes(model.classes());
    model.require_extents();
    rounding::DefaultFloatingPoint::require<Scalar>();
    rounding::DefaultFloatingPoint::require<double>();
    stretches_ = body_upper_bounds(model);
    if constexpr (has_float) in_float_.emplace(model, stretches_);
    in_double_.emplace(model.template cast<double>(), stretches_);
    margins_.emplace(model.head().weight(), stretches_);
    const SelfTest test(in_double_->forward, in_double_->head, stretches_);
    if constexpr (has_float) test.run(in_float_->forward, in_float_->head);
    test.run(in_double_->forward, in_double_->head);
  }

  /// Throws ArgumentError unless it is >= 0; infinite is allowed, and 0 is "at the point itself".
  [[nodiscard]] static double required_radius(const CertifyOptions& options) {
    const double epsilon = options.epsilon.value_or(0);
    if (!(epsilon >= 0)) throw ArgumentError(message("epsilon must be >= 0, got ", epsilon));
    return epsilon;
  }

  [[nodiscard]] static Certificates blank(Index count) {
    const auto size = static_cast<std::size_t>(count);
    return {std::vector<Certificate>(size), std::vector<int>(size, abstain), 0};
  }

  [[nodiscard]] static Certificate answer(Margins::Judgement judgement) {
    if (judgement.verdict != Verdict::proved) return {};
    return {judgement.radius > 0 ? judgement.top : abstain, judgement.radius,
            std::move(judgement.sets)};
  }

  static void take(Certificates& result, std::size_t at, Margins::Judgement judgement) {
    result.top[at] = judgement.top;
    result.answers[at] = answer(std::move(judgement));
  }

  template <std::floating_point Of>
  [[nodiscard]] Margins::Judgement judge(const Arithmetic<Of>& arithmetic,
                                         const typename RunningError<Of>::Result& evaluated,
                                         Index n, double epsilon) const {
    const Of* logits = evaluated.logits.sample(n);
    const ActivationBound& at_head = evaluated.at_head.data()[n];
    return guarantee_.is_relaxed()
               ? margins_->judge_sets(logits, at_head, arithmetic.head, guarantee_, epsilon)
               : margins_->judge(logits, at_head, arithmetic.head, epsilon);
  }
  /// Whether float may decide, where images and network are in it; the best radius, and sets, are found
  /// in double.
  [[nodiscard]] bool is_float_first(const CertifyOptions& options) const {
    return has_float && options.epsilon && !guarantee_.is_relaxed();
  }

  /// Workers share the image's own work, layer by layer.
  template <std::floating_point Of>
  [[nodiscard]] Margins::Judgement judge_image(const Tensor<Of>& image,
                                               const CertifyOptions& options,
                                               Index& needed_double) const {
    detail::require_exact<Of>();
    const double epsilon = required_radius(options);
    const rounding::DefaultFloatingPoint nearest;
    if constexpr (std::same_as<Of, float>) {
      if (is_float_first(options)) {
        auto judgement = judge(*in_float_, in_float_->forward(image, options.workers), 0, epsilon);
        if (judgement.verdict != Verdict::open) return judgement;
      }
    }
    needed_double = 1;
    return judge(*in_double_, in_double_->forward(samples_as<double>(image, 0, 1), options.workers),
                 0, epsilon);
  }

  /// Workers share the samples, chunk by chunk; double for those that float leaves in doubt.
  [[nodiscard]] Certificates certify(const detail::Samples& samples,
                                     const CertifyOptions& options) const {
    const double epsilon = required_radius(options);
    Certificates result = blank(samples.count);
    std::vector<Index> open;
    if (samples.in_float && is_float_first(options)) {
      std::vector<char> is_open(static_cast<std::size_t>(samples.count), 0);
      for_each_chunk(samples.count, options.workers, [&](Index first, Index count) {
        const auto evaluated = in_float_->forward(samples.in_float(first, count));
        for (Index n = 0; n < count; ++n) {
          auto judgement = judge(*in_float_, evaluated, n, epsilon);
          const auto at = static_cast<std::size_t>(first + n);
          is_open[at] = judgement.verdict == Verdict::open;
          take(result, at, std::move(judgement));
        }
      });
      for (Index n = 0; n < samples.count; ++n)
        if (is_open[static_cast<std::size_t>(n)]) open.push_back(n);
    } else {
      open.resize(static_cast<std::size_t>(samples.count));
      std::iota(open.begin(), open.end(), Index{0});
    }
    result.needed_double = static_cast<Index>(open.size());
    for_each_chunk(result.needed_double, options.workers, [&](Index first, Index count) {
      const auto which =
          std::span(open).subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(count));
      const auto evaluated = in_double_->forward(samples.in_double(which));
      for (Index n = 0; n < count; ++n)
        take(result, static_cast<std::size_t>(which[static_cast<std::size_t>(n)]),
             judge(*in_double_, evaluated, n, epsilon));
    });
    return result;
  }

  static void for_each_chunk(Index count, Workers* workers,
                             const std::function<void(Index, Index)>& body) {
    const auto part = [&](Index c) {
      const rounding::DefaultFloatingPoint nearest;
      body(c * chunk, std::min(chunk, count - c * chunk));
    };
    const Index chunks = (count + chunk - 1) / chunk;
    if (workers)
      workers->for_each(chunks, part);
    else
      for (Index c = 0; c < chunks; ++c) part(c);
  }

  Guarantee guarantee_;
  std::vector<double> stretches_;              // of the layers before the head
  std::optional<Arithmetic<float>> in_float_;  // of a network in float
  std::optional<Arithmetic<double>> in_double_;
  std::optional<Margins> margins_;
};

}  // namespace gloro
