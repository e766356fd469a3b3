// Certifier: answers that prove themselves. A label is given only if the margin exceeds the
// rounding error of the evaluation that found it, and the radius is what is left over K (Leino,
// Wang and Fredrikson 2021, section 3, made sound in floating point): docs/soundness.md.
#pragma once

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#include "gloro/certify/certificate.hpp"
#include "gloro/certify/margins.hpp"
#include "gloro/certify/running_error.hpp"
#include "gloro/certify/self_test.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/model/guarantee.hpp"
#include "gloro/parallel/workers.hpp"
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
  /// (certify/self_test.hpp). Throws Error, naming the layer, if one does not, does not state its
  /// rounding error or cannot be evaluated in double; ShapeError if a weight has other extents than
  /// its layer was placed with.
  explicit Certifier(const GloroModel<Scalar>& model) : Certifier(model, model.guarantee()) {}
  /// For a guarantee other than the model's own: it need not have been trained for it. Throws
  /// ArgumentError if it does not fit the model's classes.
  Certifier(const GloroModel<Scalar>& model, Guarantee guarantee)
      : Certifier(model, std::move(guarantee), rounding::DefaultFloatingPoint()) {}

  [[nodiscard]] const GloroModel<Scalar>& model() const { return native().model(); }
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
  // very numbers that are given, none of which is rounded.

  // --- One image --------------------------------------------------------------------------------

  /// The answer with the best radius that can be proved, in double. `image`: a batch of one.
  template <std::floating_point Of>
  [[nodiscard]] Certificate certify(const Tensor<Of>& image) const {
    return best_of_one(image, nullptr);
  }
  /// The same, sooner: `workers` share the image's own work.
  template <std::floating_point Of>
  [[nodiscard]] Certificate certify_one(const Tensor<Of>& image, Workers& workers) const {
    return best_of_one(image, &workers);
  }

  /// The label if it is proved for a radius above `epsilon` (finite or not, >= 0; 0: at the point
  /// itself), else an abstention. Float decides where it can, if image and network are in float; the
  /// radius is what the deciding evaluation proved. A relaxed answer has the sets that are proved for
  /// a radius above epsilon, and is always found in double. Throws ArgumentError for a negative or NaN
  /// epsilon.
  template <std::floating_point Of>
  [[nodiscard]] Certificate certify_at(const Tensor<Of>& image, double epsilon) const {
    return answer_one_at(image, epsilon, nullptr);
  }
  /// The same, sooner: `workers` share the image's own work.
  template <std::floating_point Of>
  [[nodiscard]] Certificate certify_one_at(const Tensor<Of>& image, double epsilon,
                                           Workers& workers) const {
    return answer_one_at(image, epsilon, &workers);
  }

  // --- Batches ----------------------------------------------------------------------------------

  /// As certify(), for each image of a batch.
  template <std::floating_point Of>
  [[nodiscard]] Certificates certify(const Tensor<Of>& images, Workers& workers) const {
    require_input(images.shape());
    Certificates result(blank(images.batch()));
    answer_in_double(TensorSamples<Of>{images}, all_of(images.batch()), 0, workers, result);
    return result;
  }

  /// As certify_at(), for each image of a batch; double for the images that float leaves in doubt.
  template <std::floating_point Of>
  [[nodiscard]] Certificates certify_at(const Tensor<Of>& images, double epsilon,
                                        Workers& workers) const {
    require_input(images.shape());
    return certify_samples(TensorSamples<Of>{images}, images.batch(), epsilon, workers);
  }

  /// As certify_at() on `count` samples that need not all be in memory: `samples.chosen(which)` returns
  /// those of a span of Index in double, `samples.range(first, n)` some as a Tensor<Scalar>, the same
  /// numbers; where they are none of that type it has no such member, and double alone answers.
  template <typename Samples>
  [[nodiscard]] Certificates certify_samples(const Samples& samples, Index count, double epsilon,
                                             Workers& workers) const {
    require_radius(epsilon);
    Certificates result(blank(count));
    constexpr bool float_first = has_float && requires { samples.range(Index{}, Index{}); };
    if (guarantee_.is_relaxed() || !float_first) {
      answer_in_double(samples, all_of(count), epsilon, workers, result);
      return result;
    }
    std::vector<Index> open;
    if constexpr (float_first) {
      std::vector<char> is_open(static_cast<std::size_t>(count), 0);
      workers.for_each((count + chunk - 1) / chunk, [&](Index c) {
        const rounding::DefaultFloatingPoint nearest;
        const Index first = c * chunk;
        const auto evaluated =
            in_float_->forward(samples.range(first, std::min(chunk, count - first)));
        for (Index n = 0; n < evaluated.logits.batch(); ++n) {
          auto judgement = judge(*in_float_, evaluated, n, epsilon);
          const auto at = static_cast<std::size_t>(first + n);
          result.top[at] = judgement.top;
          is_open[at] = judgement.verdict == Verdict::open;
          result.answers[at] = answer(std::move(judgement));
        }
      });
      for (Index n = 0; n < count; ++n)
        if (is_open[static_cast<std::size_t>(n)]) open.push_back(n);
    }
    answer_in_double(samples, open, epsilon, workers, result);
    return result;
  }

 private:
  using Verdict = Margins::Verdict;
  static constexpr bool has_float = std::same_as<Scalar, float>;

  /// An arithmetic to evaluate the network in, and what its rounding may do.
  template <typename Of>  // unconstrained: Clang 14 dies of a concept here
  struct Arithmetic {
    Arithmetic(GloroModel<Of> model, std::span<const double> stretches)
        : forward(std::move(model), stretches), head(forward.model().head()) {}

    RunningError<Of> forward;
    HeadRounding head;
  };

  template <std::floating_point Of>
  struct TensorSamples {
    const Tensor<Of>& images;

    [[nodiscard]] Tensor<Scalar> range(Index first, Index count) const
      requires std::same_as<Of, Scalar>
    {
      Tensor<Scalar> some(images.shape(), count);
      std::copy_n(images.sample(first), some.size(), some.data());
      return some;
    }
    [[nodiscard]] Tensor<double> chosen(std::span<const Index> which) const {
      Tensor<double> some(images.shape(), static_cast<Index>(which.size()));
      for (std::size_t n = 0; n < which.size(); ++n)
        std::copy_n(images.sample(which[n]), images.shape().size(),
                    some.sample(static_cast<Index>(n)));
      return some;
    }
  };

  Certifier(const GloroModel<Scalar>& model, Guarantee guarantee, const rounding::DefaultFloatingPoint&)
      : guarantee_(std::move(guarantee)) {
    guarantee_.require_classes(model.classes());
    model.require_extents();
    rounding::DefaultFloatingPoint::require<Scalar>();
    rounding::DefaultFloatingPoint::require<double>();
    stretches_ = body_upper_bounds(model);
    if constexpr (has_float) in_float_.emplace(model, stretches_);
    in_double_.emplace(widened(model), stretches_);
    margins_.emplace(model.head().weight(), stretches_);
    const SelfTest test(in_double_->forward, in_double_->head, stretches_);
    if constexpr (has_float) test.run(in_float_->forward, in_float_->head);
    test.run(in_double_->forward, in_double_->head);
  }

  [[nodiscard]] const RunningError<Scalar>& native() const {
    if constexpr (has_float)
      return in_float_->forward;
    else
      return in_double_->forward;
  }

  void require_input(const Shape& shape) const {
    if (shape != model().input_shape())
      throw ShapeError(message("the model takes inputs of ", model().input_shape(), ", got ",
                               shape));
  }
  template <typename Of>
  void require_one(const Tensor<Of>& image) const {
    require_input(image.shape());
    if (image.batch() != 1)
      throw ShapeError(message("one image expected, got a batch of ", image.batch(),
                               ": batches are certified with Workers"));
  }
  static void require_radius(double epsilon) {
    if (!(epsilon >= 0)) throw ArgumentError(message("epsilon must be >= 0, got ", epsilon));
  }

  [[nodiscard]] static std::vector<Index> all_of(Index count) {
    std::vector<Index> all(static_cast<std::size_t>(count));
    for (std::size_t n = 0; n < all.size(); ++n) all[n] = static_cast<Index>(n);
    return all;
  }
  [[nodiscard]] static Certificates blank(Index count) {
    const auto size = static_cast<std::size_t>(count);
    return {std::vector<Certificate>(size), std::vector<int>(size, abstain), 0};
  }

  [[nodiscard]] static GloroModel<double> widened(const GloroModel<Scalar>& model) {
    for (std::size_t l = 0; l < model.layers().size(); ++l) {
      try {
        (void)model.layers()[l].template cast<double>();
      } catch (const Error& error) {
        throw Error(message("layer ", l, ": ", error.what()));
      }
    }
    return model.template cast<double>();
  }
  template <typename Of>
  [[nodiscard]] static Tensor<double> widened(const Tensor<Of>& image) {
    static_assert(std::same_as<Of, float> || std::same_as<Of, double>,
                  "images are certified in float and double only");
    Tensor<double> wide(image.shape(), image.batch());
    std::copy_n(image.data(), image.size(), wide.data());
    return wide;
  }

  [[nodiscard]] static Certificate answer(Margins::Judgement judgement) {
    if (judgement.verdict != Verdict::proved) return {};
    return {judgement.radius > 0 ? judgement.top : abstain, judgement.radius,
            std::move(judgement.sets)};
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
  template <std::floating_point Of>
  [[nodiscard]] Margins::Judgement judge_one(const Arithmetic<Of>& arithmetic, Tensor<Of> image,
                                             double epsilon, Workers* workers) const {
    return judge(arithmetic, arithmetic.forward(std::move(image), workers), 0, epsilon);
  }

  template <typename Of>
  [[nodiscard]] Certificate best_of_one(const Tensor<Of>& image, Workers* workers) const {
    require_one(image);
    const rounding::DefaultFloatingPoint nearest;
    return answer(judge_one<double>(*in_double_, widened(image), 0, workers));
  }
  template <typename Of>
  [[nodiscard]] Certificate answer_one_at(const Tensor<Of>& image, double epsilon,
                                          Workers* workers) const {
    require_one(image);
    require_radius(epsilon);
    const rounding::DefaultFloatingPoint nearest;
    if constexpr (has_float && std::same_as<Of, float>) {
      if (!guarantee_.is_relaxed()) {
        auto judgement = judge_one<float>(*in_float_, image, epsilon, workers);
        if (judgement.verdict != Verdict::open) return answer(std::move(judgement));
      }
    }
    return answer(judge_one<double>(*in_double_, widened(image), epsilon, workers));
  }

  /// Answers the samples in `which` by double alone.
  template <typename Samples>
  void answer_in_double(const Samples& samples, std::span<const Index> which, double epsilon,
                        Workers& workers, Certificates& result) const {
    const auto count = static_cast<Index>(which.size());
    result.needed_double = count;
    workers.for_each((count + chunk - 1) / chunk, [&](Index c) {
      const rounding::DefaultFloatingPoint nearest;
      const auto part = which.subspan(static_cast<std::size_t>(c * chunk),
                                      static_cast<std::size_t>(std::min(chunk, count - c * chunk)));
      const auto evaluated = in_double_->forward(samples.chosen(part));
      for (std::size_t n = 0; n < part.size(); ++n) {
        auto judgement = judge(*in_double_, evaluated, static_cast<Index>(n), epsilon);
        const auto at = static_cast<std::size_t>(part[n]);
        result.top[at] = judgement.top;
        result.answers[at] = answer(std::move(judgement));
      }
    });
  }

  Guarantee guarantee_;
  std::vector<double> stretches_;  // of the layers before the head
  struct Nothing {};
  std::conditional_t<has_float, std::optional<Arithmetic<float>>, Nothing> in_float_;
  std::optional<Arithmetic<double>> in_double_;
  std::optional<Margins> margins_;
};

}  // namespace gloro
