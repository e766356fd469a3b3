// The self-test of a certifier: every layer evaluates random inputs as it will evaluate images, and is
// held against its definition within the rounding that it promises; of a layer that is made of layers,
// each of them too, and how it joins them. It finds what no proof can know:
// kernels that read other weights than the bounds (row-major memory, units of one program compiled
// for different processors), code that a compiler got wrong, a layer of a user's own whose bounds are
// not true.
#pragma once

#include <algorithm>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "gloro/certify/detail/margins.hpp"
#include "gloro/certify/detail/running_error.hpp"
#include "gloro/certify/detail/stage.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/random.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/rounding/outward.hpp"

namespace gloro {

/// Inputs and what the layers' definitions make of them; the same for every certifier of a network.
class SelfTest {
 public:
  /// `exact`: the network in double.
  SelfTest(const RunningError<double>& exact, const HeadRounding& head) : head_(head) {
    for_each_place(exact, [&](const AnyLayer<double>& layer, const Stage<double>& stage) {
      probes_.push_back(Probe(layer, stage.input(), probes_.size()));
      Probe& probe = probes_.back();
      probe.errors = evaluate(layer, stage, probe.x, 0, probe.x.batch()).errors;
    });
    const auto& model = exact.model();
    head_probe_ =
        Probe(model.layers().back(), model.input_shape(model.layers().size() - 1), probes_.size());
  }

  /// Throws Error, naming the layer, if one of `tested`, the same network, is off its definition by
  /// more than it promises, or moves two outputs further apart than its bound allows. What overflows,
  /// and so certifies nothing, passes.
  template <std::floating_point Scalar>
  void run(const RunningError<Scalar>& tested, const HeadRounding& head) const {
    auto probe = probes_.begin();
    for_each_place(tested, [&](const AnyLayer<Scalar>& layer, const Stage<Scalar>& stage) {
      compare(layer, stage, *probe++);
    });
    compare_head(tested.model(), head);
  }

 private:
  /// Random inputs of one layer and, for the first and the last of them, what some outputs must be.
  struct Probe {
    Tensor<double> x;
    std::vector<Index> outputs;
    std::vector<double> first, last;
    std::vector<double> errors;  // of the evaluation in double, a sample each

    Probe() = default;
    Probe(const AnyLayer<double>& layer, const Shape& input, std::size_t place) {
      const Index results = layer.output_shape(input).size();
      Random random(0x5e1f, place);
      x = Tensor<double>(input, samples(input.size() + results));
      for (Index i = 0; i < x.size(); ++i)  // numbers that float has
        x.data()[i] = static_cast<double>(static_cast<float>(random.uniform(-2, 2)));
      choose_outputs(results, random);
      first = expected(layer, 0);
      last = expected(layer, x.batch() - 1);
    }

    /// As many as a chunk has where that is quick.
    [[nodiscard]] static Index samples(Index values) {
      constexpr Index chunk = 32, quick = Index{1} << 16, large = Index{1} << 22;
      return values > large ? 1 : std::clamp<Index>(quick / values, 2, chunk);
    }

    /// All, or the first, the last and some in between.
    void choose_outputs(Index results, Random& random) {
      constexpr Index most = 64;
      if (results <= most)
        for (Index i = 0; i < results; ++i) outputs.push_back(i);
      else
        for (Index i = 0; i < most; ++i)
          outputs.push_back(
              i == 0   ? 0
              : i == 1 ? results - 1
                       : static_cast<Index>(random.below(static_cast<std::uint64_t>(results))));
    }

    /// By the layer's definition, or where it does not state one, by its evaluation in double. A layer
    /// made of layers is defined by what those make in double: they are tested by themselves.
    [[nodiscard]] std::vector<double> expected(const AnyLayer<double>& layer, Index n) const {
      const Tensor<double> one = samples_as<double>(x, n, 1);
      std::vector<double> values;
      if (layer.parts(x.shape()).empty() && layer.definition(one, outputs.front())) {
        for (const Index i : outputs) values.push_back(*layer.definition(one, i));
      } else {
        const Tensor<double> y = by_parts(layer, one);
        for (const Index i : outputs) values.push_back(y.data()[i]);
      }
      return values;
    }

    /// In plain loops, where layers are joined.
    [[nodiscard]] static Tensor<double> by_parts(const AnyLayer<double>& layer,
                                                 const Tensor<double>& one) {
      Tensor<double> y(layer.output_shape(one.shape()), 1);
      if (const auto* residual = layer.as<Residual<double>>()) {
        const Tensor<double> of_body = residual->body().forward(one, {});
        for (Index i = 0; i < y.size(); ++i) y.data()[i] = one.data()[i] + of_body.data()[i];
        return y;
      }
      const auto* parallel = layer.as<Parallel<double>>();
      if (!parallel) return layer.forward(one, {});
      y.matrix().setZero();
      Index before = 0;
      for (const AnyLayer<double>& branch : parallel->branches()) {
        const Tensor<double> output = branch.forward(one, {});
        const Index channels = output.shape().channels;
        for (Index i = 0; i < output.size(); ++i) {
          const Index pixel = i / channels, channel = i % channels;
          y.data()[pixel * y.shape().channels + before + channel] += output.data()[i];
        }
        if (parallel->join() == Join::concatenate) before += channels;
      }
      return y;
    }

    /// Of sample n of `y` from what is expected of the first or the last; nothing where one overflows.
    template <std::floating_point Scalar>
    [[nodiscard]] std::optional<Vector<double>> differences(const Tensor<Scalar>& y, Index n,
                                                            Index probed) const {
      const std::vector<double>& values = probed == 0 ? first : last;
      Vector<double> off(static_cast<Index>(outputs.size()));
      for (std::size_t k = 0; k < outputs.size(); ++k)
        off(static_cast<Index>(k)) = static_cast<double>(y.sample(n)[outputs[k]]) - values[k];
      if (!off.allFinite()) return std::nullopt;
      return off;
    }
  };

  /// Outputs, and how far off they may be.
  template <typename Of>
  struct Evaluated {
    Tensor<Of> y;
    std::vector<double> errors;
  };

  /// visit(layer, stage) for the layers before the head, each after those that it is made of.
  template <std::floating_point Scalar, typename Visit>
  static void for_each_place(const RunningError<Scalar>& network, const Visit& visit) {
    for (std::size_t l = 0; l < network.stages().size(); ++l)
      visit_places(network.model().layers()[l], network.stages()[l], visit);
  }
  template <std::floating_point Scalar, typename Visit>
  static void visit_places(const AnyLayer<Scalar>& layer, const Stage<Scalar>& stage,
                           const Visit& visit) {
    const std::vector<Stage<Scalar>>& inside = stage.parts();
    const auto parts = inside.empty() ? std::vector<Part<Scalar>>() : layer.parts(stage.input());
    for (std::size_t p = 0; p < inside.size(); ++p) visit_places(*parts[p].layer, inside[p], visit);
    visit(layer, stage);
  }

  template <std::floating_point Scalar>
  [[nodiscard]] static Evaluated<Scalar> evaluate(const AnyLayer<Scalar>& layer,
                                                  const Stage<Scalar>& stage,
                                                  const Tensor<double>& x, Index first,
                                                  Index count) {
    const NormBound<double> norm(x.shape().size());
    std::vector<ActivationBound> bounds;
    for (Index n = 0; n < count; ++n) bounds.push_back({norm(x.sample(first + n)), 0});
    Evaluated<Scalar> evaluated{
        stage.run(layer, samples_as<Scalar>(x, first, count), bounds, nullptr), {}};
    for (const ActivationBound& bound : bounds) evaluated.errors.push_back(bound.error);
    return evaluated;
  }

  template <std::floating_point Scalar>
  static void compare(const AnyLayer<Scalar>& layer, const Stage<Scalar>& stage,
                      const Probe& probe) {
    const Index last = probe.x.batch() - 1;
    // Many samples at once take other ways through a product than one.
    const Evaluated<Scalar> all = evaluate(layer, stage, probe.x, 0, last + 1);
    // That in double twice, for the definition may round as much as the evaluation.
    const auto promised = [&](const Evaluated<Scalar>& evaluated, Index n, Index probed) {
      return rounding::add_up(evaluated.errors[static_cast<std::size_t>(n)],
                              2 * probe.errors[static_cast<std::size_t>(probed)]);
    };
    const auto check = [&](const Evaluated<Scalar>& evaluated, Index n, Index probed) {
      if (const auto off = probe.differences(evaluated.y, n, probed))
        require(stage.name(), off->stableNorm(), promised(evaluated, n, probed));
    };
    check(all, 0, 0);
    if (last == 0) return;
    check(all, last, last);
    check(evaluate(layer, stage, probe.x, 0, 1), 0, 0);

    // The outputs of the first and the last sample.
    const auto column = [&](Index n) { return all.y.matrix().col(n).template cast<double>(); };
    const double apart = (probe.x.matrix().col(last) - probe.x.matrix().col(0)).stableNorm();
    const double moved = (column(last) - column(0)).stableNorm();
    using namespace rounding;
    const double allowed = add_up(mul_up(stage.stretch(), apart),
                                  add_up(promised(all, 0, 0), promised(all, last, last)));
    if (std::isfinite(moved) && moved > allowed * slack)
      throw Error(message(stage.name(), ": two outputs lie ", moved,
                          " apart where its Lipschitz "
                          "bound allows ",
                          allowed, advice));
  }

  template <std::floating_point Scalar>
  void compare_head(const GloroModel<Scalar>& model, const HeadRounding& head) const {
    const Probe& probe = head_probe_;
    const Index last = probe.x.batch() - 1;
    const NormBound<double> norm(probe.x.shape().size());
    const auto check = [&](const Tensor<Scalar>& y, Index n, Index probed) {
      const auto off = probe.differences(y, n, probed);
      for (std::size_t k = 0; off && k < probe.outputs.size(); ++k)
        require(message("layer ", model.layers().size() - 1),
                std::abs((*off)(static_cast<Index>(k))),
                promised_row(head, probe.outputs[k], norm(probe.x.sample(probed))));
    };
    const auto evaluate = [&](Index count) {
      return model.layers().back().forward(samples_as<Scalar>(probe.x, 0, count), {});
    };
    const Tensor<Scalar> y = evaluate(last + 1);
    check(y, 0, 0);
    if (last == 0) return;
    check(y, last, last);
    check(evaluate(1), 0, 0);
  }

  /// Of row i of the head.
  [[nodiscard]] double promised_row(const HeadRounding& head, Index i, double norm) const {
    const RoundingBound own{head.relative(i), head.absolute(i)};
    const RoundingBound exact{head_.relative(i), head_.absolute(i)};
    return rounding::add_up(own.at(norm), 2 * exact.at(norm));
  }

  static void require(const std::string& where, double off, double allowed) {
    if (off > allowed * slack)
      throw Error(
          message(where, ": its outputs are off by ", off, " where it promises ", allowed, advice));
  }

  static constexpr double slack = 1 + 1e-9;  // for the rounding of the differences themselves
  static constexpr const char* advice =
      ": nothing is certified with a layer that does not compute what it says it does";

  const HeadRounding& head_;
  std::vector<Probe> probes_;  // as for_each_place comes by
  Probe head_probe_;
};

}  // namespace gloro
