// The self-test of a certifier: every layer evaluates random inputs as it will evaluate images, and is
// held against its definition within the rounding that it promises. It finds what no proof can know:
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
#include <span>
#include <vector>

#include "gloro/certify/detail/margins.hpp"
#include "gloro/certify/detail/running_error.hpp"
#include "gloro/core/error.hpp"
#include "gloro/core/random.hpp"
#include "gloro/core/tensor.hpp"
#include "gloro/rounding/outward.hpp"

namespace gloro {

/// Inputs and what the layers' definitions make of them; the same for every certifier of a network.
class SelfTest {
 public:
  /// `exact`: the network in double. `stretches`: the bounds of its body.
  SelfTest(const RunningError<double>& exact, const HeadRounding& head,
           std::span<const double> stretches)
      : exact_(exact), head_(head), stretches_(stretches) {
    for (std::size_t l = 0; l < exact.model().layers().size(); ++l)
      probes_.push_back(Probe(exact.model(), l));
  }

  /// Throws Error, naming the layer, if one of `tested`, the same network, is off its definition by
  /// more than it promises, or moves two outputs further apart than its bound allows. What overflows,
  /// and so certifies nothing, passes.
  template <std::floating_point Scalar>
  void run(const RunningError<Scalar>& tested, const HeadRounding& head) const {
    for (std::size_t l = 0; l < probes_.size(); ++l) {
      const Probe& probe = probes_[l];
      const AnyLayer<Scalar>& layer = tested.model().layers()[l];
      const Index last = probe.x.batch() - 1;
      // Many samples at once take other ways through a product than one.
      const Tensor<Scalar> y = layer.forward(samples_as<Scalar>(probe.x, 0, last + 1), {});
      const auto compare = [&](const Tensor<Scalar>& outputs, Index n, Index probed) {
        const auto differences = probe.differences(outputs, n, probed);
        if (!differences) return;
        const double norm = NormBound<double>(probe.x.shape().size())(probe.x.sample(probed));
        if (l < stretches_.size())
          require(l, differences->stableNorm(), promised(tested, l, norm));
        else
          for (std::size_t k = 0; k < probe.outputs.size(); ++k)
            require(l, std::abs((*differences)(static_cast<Index>(k))),
                    promised_row(head, probe.outputs[k], norm));
      };
      compare(y, 0, 0);
      if (last == 0) continue;
      compare(y, last, last);
      compare(layer.forward(samples_as<Scalar>(probe.x, 0, 1), {}), 0, 0);
      if (l < stretches_.size()) compare_distance(tested, l, probe.x, y);
    }
  }

 private:
  /// Random inputs of one layer and, for the first and the last of them, what some outputs must be.
  struct Probe {
    Tensor<double> x;
    std::vector<Index> outputs;
    std::vector<double> first, last;

    Probe(const GloroModel<double>& model, std::size_t l) {
      const Shape& input = l == 0 ? model.input_shape() : model.output_shape(l - 1);
      const Index results = model.output_shape(l).size();
      Random random(0x5e1f, l);
      x = Tensor<double>(input, samples(input.size() + results));
      for (Index i = 0; i < x.size(); ++i)  // numbers that float has
        x.data()[i] = static_cast<double>(static_cast<float>(random.uniform(-2, 2)));
      choose_outputs(results, random);
      first = expected(model.layers()[l], 0);
      last = expected(model.layers()[l], x.batch() - 1);
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

    /// By the layer's definition, or where it does not state one, by its evaluation in double.
    [[nodiscard]] std::vector<double> expected(const AnyLayer<double>& layer, Index n) const {
      const Tensor<double> one = samples_as<double>(x, n, 1);
      std::vector<double> values;
      if (layer.definition(one, outputs.front())) {
        for (const Index i : outputs) values.push_back(*layer.definition(one, i));
      } else {
        const Tensor<double> y = layer.forward(samples_as<double>(x, n, 1), {});
        for (const Index i : outputs) values.push_back(y.data()[i]);
      }
      return values;
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

  /// What the rounding of a layer may be for an input of that norm; that in double twice, for the
  /// definition may round as much as the evaluation.
  template <std::floating_point Scalar>
  [[nodiscard]] double promised(const RunningError<Scalar>& tested, std::size_t l,
                                double norm) const {
    return rounding::add_up(tested.rounding(l).at(norm), 2 * exact_.rounding(l).at(norm));
  }
  /// Of row i of the head.
  [[nodiscard]] double promised_row(const HeadRounding& head, Index i, double norm) const {
    const RoundingBound own{head.relative(i), head.absolute(i)};
    const RoundingBound exact{head_.relative(i), head_.absolute(i)};
    return rounding::add_up(own.at(norm), 2 * exact.at(norm));
  }

  /// The outputs of the first and the last sample.
  template <std::floating_point Scalar>
  void compare_distance(const RunningError<Scalar>& tested, std::size_t l, const Tensor<double>& x,
                        const Tensor<Scalar>& y) const {
    const Index last = x.batch() - 1;
    const NormBound<double> norm(x.shape().size());
    const double apart = (x.matrix().col(last) - x.matrix().col(0)).stableNorm();
    const double moved =
        (y.matrix().col(last).template cast<double>() - y.matrix().col(0).template cast<double>())
            .stableNorm();
    using namespace rounding;
    const double allowed = add_up(
        mul_up(stretches_[l], apart),
        add_up(promised(tested, l, norm(x.sample(0))), promised(tested, l, norm(x.sample(last)))));
    if (std::isfinite(moved) && moved > allowed * slack)
      throw Error(message("layer ", l, ": two outputs lie ", moved,
                          " apart where its Lipschitz "
                          "bound allows ",
                          allowed, advice));
  }

  static void require(std::size_t l, double off, double allowed) {
    if (off > allowed * slack)
      throw Error(message("layer ", l, ": its outputs are off by ", off, " where it promises ",
                          allowed, advice));
  }

  static constexpr double slack = 1 + 1e-9;  // for the rounding of the differences themselves
  static constexpr const char* advice =
      ": nothing is certified with a layer that does not compute what it says it does";

  const RunningError<double>& exact_;
  const HeadRounding& head_;
  std::span<const double> stretches_;
  std::vector<Probe> probes_;
};

}  // namespace gloro
