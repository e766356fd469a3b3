// The bodies of certifier.hpp.
#pragma once

#include "gloro/certify/certifier.hpp"

#include <numeric>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "gloro/certify/detail/answers.hpp"
#include "gloro/certify/detail/arithmetic.hpp"
#include "gloro/certify/detail/margins.hpp"
#include "gloro/certify/detail/running_error.hpp"
#include "gloro/certify/detail/samples.hpp"
#include "gloro/certify/detail/self_test.hpp"
#include "gloro/core/error.hpp"
#include "gloro/data/dataset.hpp"
#include "gloro/rounding/environment.hpp"

namespace gloro {

template <std::floating_point Scalar>
struct Certifier<Scalar>::State {
  using Verdict = Margins::Verdict;
  static constexpr bool has_float = std::same_as<Scalar, float>;

  template <typename Of>
  using Arithmetic = detail::Arithmetic<Of>;

  State(const GloroModel<Scalar>& model, Guarantee promised) : guarantee(std::move(promised)) {
    guarantee.require_classes(model.classes());
    model.require_extents();
    rounding::DefaultFloatingPoint::require<Scalar>();
    rounding::DefaultFloatingPoint::require<double>();
    const std::vector<LayerBound> bounds = body_upper_bounds(model);
    stretches = wholes(bounds);
    if constexpr (has_float) in_float.emplace(model, bounds);
    in_double.emplace(model.template cast<double>(), bounds);
    margins.emplace(model.head().weight(), stretches);
    const SelfTest test(in_double->forward, in_double->head);
    if constexpr (has_float) test.run(in_float->forward, in_float->head);
    test.run(in_double->forward, in_double->head);
  }

  template <std::floating_point Of>
  [[nodiscard]] Margins::Judgement judge(const Arithmetic<Of>& arithmetic,
                                         const typename RunningError<Of>::Result& evaluated,
                                         Index n, double epsilon) const {
    const Of* logits = evaluated.logits.sample(n);
    const ActivationBound& at_head = evaluated.at_head.data()[n];
    return guarantee.is_relaxed()
               ? margins->judge_sets(logits, at_head, arithmetic.head, guarantee, epsilon)
               : margins->judge(logits, at_head, arithmetic.head, epsilon);
  }
  /// Whether float may decide, where images and network are in it; the best radius, and sets, are found
  /// in double.
  [[nodiscard]] bool is_float_first(const CertifyOptions& options) const {
    return has_float && options.epsilon && !guarantee.is_relaxed();
  }

  /// Workers share the image's own work, layer by layer.
  template <std::floating_point Of>
  [[nodiscard]] Margins::Judgement judge_image(const Tensor<Of>& image,
                                               const CertifyOptions& options,
                                               Index& needed_double) const {
    detail::require_exact<Of>();
    const double epsilon = detail::required_radius(options);
    const rounding::DefaultFloatingPoint nearest;
    if constexpr (std::same_as<Of, float>) {
      if (is_float_first(options)) {
        auto judgement = judge(*in_float, in_float->forward(image, options.workers), 0, epsilon);
        if (judgement.verdict != Verdict::open) return judgement;
      }
    }
    needed_double = 1;
    return judge(*in_double, in_double->forward(samples_as<double>(image, 0, 1), options.workers),
                 0, epsilon);
  }

  /// Workers share the samples, chunk by chunk; double for those that float leaves in doubt.
  [[nodiscard]] Certificates certify(const detail::Samples& samples,
                                     const CertifyOptions& options) const {
    const double epsilon = detail::required_radius(options);
    Certificates result = detail::blank(samples.count);
    std::vector<Index> open;
    if (samples.in_float && is_float_first(options)) {
      std::vector<char> is_open(static_cast<std::size_t>(samples.count), 0);
      detail::for_each_chunk(chunk, samples.count, options.workers, [&](Index first, Index count) {
        const auto evaluated = in_float->forward(samples.in_float(first, count));
        for (Index n = 0; n < count; ++n) {
          auto judgement = judge(*in_float, evaluated, n, epsilon);
          const auto at = static_cast<std::size_t>(first + n);
          is_open[at] = judgement.verdict == Verdict::open;
          detail::take(result, at, std::move(judgement));
        }
      });
      for (Index n = 0; n < samples.count; ++n)
        if (is_open[static_cast<std::size_t>(n)]) open.push_back(n);
    } else {
      open.resize(static_cast<std::size_t>(samples.count));
      std::iota(open.begin(), open.end(), Index{0});
    }
    result.needed_double = static_cast<Index>(open.size());
    detail::for_each_chunk(
        chunk, result.needed_double, options.workers, [&](Index first, Index count) {
          const auto which = std::span(open).subspan(static_cast<std::size_t>(first),
                                                     static_cast<std::size_t>(count));
          const auto evaluated = in_double->forward(samples.in_double(which));
          for (Index n = 0; n < count; ++n)
            detail::take(result, static_cast<std::size_t>(which[static_cast<std::size_t>(n)]),
                         judge(*in_double, evaluated, n, epsilon));
        });
    return result;
  }

  Guarantee guarantee;
  std::vector<double> stretches;              // of the layers before the head
  std::optional<Arithmetic<float>> in_float;  // of a network in float
  std::optional<Arithmetic<double>> in_double;
  std::optional<Margins> margins;
};

template <std::floating_point Scalar>
Certifier<Scalar>::Certifier(const GloroModel<Scalar>& model)
    : Certifier(model, model.guarantee()) {}

template <std::floating_point Scalar>
Certifier<Scalar>::Certifier(const GloroModel<Scalar>& model, Guarantee guarantee) {
  const rounding::DefaultFloatingPoint nearest;
  state_ = std::make_shared<const State>(model.plain(), std::move(guarantee));
}

template <std::floating_point Scalar>
const GloroModel<Scalar>& Certifier<Scalar>::model() const {
  if constexpr (State::has_float)
    return state_->in_float->forward.model();
  else
    return state_->in_double->forward.model();
}

template <std::floating_point Scalar>
const Guarantee& Certifier<Scalar>::guarantee() const {
  return state_->guarantee;
}

template <std::floating_point Scalar>
const Matrix<double>& Certifier<Scalar>::margin_constants() const {
  return state_->margins->constants();
}

template <std::floating_point Scalar>
double Certifier<Scalar>::margin_constant(Index j, Index i) const {
  return state_->margins->constant(j, i);
}

template <std::floating_point Scalar>
const std::vector<double>& Certifier<Scalar>::layer_bounds() const {
  return state_->stretches;
}

template <std::floating_point Scalar>
std::vector<std::size_t> Certifier<Scalar>::quickly_bounded() const {
  std::vector<std::size_t> which;
  const auto& layers = model().layers();
  const Matrix<Scalar>& head = model().head().weight();
  for (std::size_t l = 0; l + 1 < layers.size(); ++l)
    if (layers[l].has_quick_bound()) which.push_back(l);
  if (!Margins::has_table(head.rows(), head.cols())) which.push_back(layers.size() - 1);
  return which;
}

template <std::floating_point Scalar>
template <std::floating_point Of>
Certificates Certifier<Scalar>::certify(const Tensor<Of>& images,
                                        const CertifyOptions& options) const {
  model().require_input(images.shape());
  if (images.batch() != 1) return state_->certify(detail::samples_of(images), options);
  Certificates result = detail::blank(1);
  detail::take(result, 0, state_->judge_image(images, options, result.needed_double));
  return result;
}

template <std::floating_point Scalar>
Certificates Certifier<Scalar>::certify(const data::Dataset& images,
                                        const CertifyOptions& options) const {
  model().require_input(images.shape());
  return state_->certify(detail::samples_of(images), options);
}

template <std::floating_point Scalar>
template <std::floating_point Of>
Certificate Certifier<Scalar>::certify_image(const Tensor<Of>& image,
                                             const CertifyOptions& options) const {
  model().require_input(image.shape());
  if (image.batch() != 1)
    throw ShapeError(message("expected one image, got a batch of ", image.batch(),
                             ": certify() answers for each of a batch"));
  Index in_double = 0;
  return detail::answer(state_->judge_image(image, options, in_double));
}

#ifdef GLORO_COMPILING
template class Certifier<float>;
template class Certifier<double>;
template Certificates Certifier<float>::certify(const Tensor<float>&, const CertifyOptions&) const;
template Certificates Certifier<float>::certify(const Tensor<double>&, const CertifyOptions&) const;
template Certificates Certifier<double>::certify(const Tensor<float>&, const CertifyOptions&) const;
template Certificates Certifier<double>::certify(const Tensor<double>&,
                                                 const CertifyOptions&) const;
template Certificate Certifier<float>::certify_image(const Tensor<float>&,
                                                     const CertifyOptions&) const;
template Certificate Certifier<float>::certify_image(const Tensor<double>&,
                                                     const CertifyOptions&) const;
template Certificate Certifier<double>::certify_image(const Tensor<float>&,
                                                      const CertifyOptions&) const;
template Certificate Certifier<double>::certify_image(const Tensor<double>&,
                                                      const CertifyOptions&) const;
#endif

}  // namespace gloro
