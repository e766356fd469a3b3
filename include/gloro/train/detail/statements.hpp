// Statements: what a run is of, as a list of texts that a person can compare, with a checksum of what is
// too long to show. Processes that train together must make the same ones (parallel/detail/agreement.hpp), and so
// must a run that goes on from a file (train/checkpoint.hpp); options state themselves
// (train/trainer_options.hpp).
#pragma once

#include <algorithm>
#include <exception>
#include <iomanip>
#include <locale>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "gloro/core/detail/checksum.hpp"
#include "gloro/data/dataset.hpp"
#include "gloro/loss/loss.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/parallel/detail/agreement.hpp"
#include "gloro/parallel/workers.hpp"
#include "gloro/train/detail/training_pass.hpp"

namespace gloro {

namespace detail {

/// A stream that writes numbers alike on every machine, and in full.
class StatementText {
 public:
  explicit StatementText(int digits = 17) {
    out_.imbue(std::locale::classic());
    out_.precision(digits);
  }
  template <typename... Parts>
  StatementText& add(const Parts&... parts) {
    (out_ << ... << parts);
    return *this;
  }
  StatementText& add_checksum(std::uint64_t value) {
    out_ << ", checksum " << std::hex << std::setw(16) << std::setfill('0') << value << std::dec;
    return *this;
  }
  StatementText& add_layer(const Description& layer) {
    add(layer.type);
    for (const auto& [name, value] : layer.options) add(' ', name, ' ').add_value(value);
    return *this;
  }
  StatementText& add_value(const Description::Value& value) {
    std::visit(
        [&](const auto& of) {
          if constexpr (std::is_same_v<std::decay_t<decltype(of)>, std::vector<Description>>)
            for (const Description& layer : of) add("(").add_layer(layer).add(")");
          else if constexpr (requires { out_ << of; })
            out_ << of;
          else
            for (const auto& each : of) out_ << each << ' ';
        },
        value);
    return *this;
  }
  [[nodiscard]] std::string text() const { return out_.str(); }

 private:
  std::ostringstream out_;
};

}  // namespace detail

/// Layers with their options.
template <std::floating_point Scalar>
[[nodiscard]] Statement statement_of_layers(const GloroModel<Scalar>& model) {
  detail::StatementText text;
  text.add("inputs of ", model.input_shape());
  for (std::size_t l = 0; l < model.layers().size(); ++l) {
    text.add("; ");
    try {
      text.add_layer(model.layers()[l].describe());
    } catch (const Error&) {  // a layer of the user's own, which need not describe itself
      text.add("a layer");
    }
    text.add(" to ", model.output_shape(l));
  }
  return {"the layers", text.text()};
}

/// A checksum of all weights and stored singular vectors. `what`: "the weights", say.
template <std::floating_point Scalar>
[[nodiscard]] Statement statement_of_weights(std::string what, GloroModel<Scalar>& model) {
  Checksum sum;
  Index values = 0;
  for (const auto& list : {model.parameters(), model.state()})
    for (const auto* parameter : list) {
      values += parameter->value.size();
      sum.add(parameter->value.data(),
              static_cast<std::size_t>(parameter->value.size()) * sizeof(Scalar));
    }
  detail::StatementText text;
  return {std::move(what), text.add(values, " values").add_checksum(sum.value()).text()};
}

/// `what`: "the training data", say.
[[nodiscard]] inline Statement statement_of(std::string what, const data::Dataset& dataset) {
  detail::StatementText text;
  text.add(dataset.name(), ", ", dataset.size(), " samples of ", dataset.shape(), ", ",
           dataset.classes(), " classes");
  return {std::move(what), text.add_checksum(dataset.checksum()).text()};
}

/// Processors or builds that round differently show in the logits of one sample, and in those of a
/// training pass.
template <std::floating_point Scalar>
[[nodiscard]] Statement statement_of_arithmetic(const GloroModel<Scalar>& model,
                                                TrainingPasses<Scalar>& passes,
                                                const data::Dataset& dataset, Workers& workers) {
  const Index first[] = {0};
  const Tensor<Scalar> sample = dataset.batch<Scalar>(first);
  passes.prepare(workers);
  Checksum sum;
  for (const Tensor<Scalar>& logits : {model.logits(sample), passes.pass()->logits(sample)})
    sum.add(logits.data(), static_cast<std::size_t>(logits.size()) * sizeof(Scalar));
  detail::StatementText text;
  return {"the processor or the build",
          text.add("logits of the first sample").add_checksum(sum.value()).text()};
}

/// A loss is a function, and is known by what it makes of made-up batches: its value and slopes.
template <std::floating_point Scalar>
[[nodiscard]] Statement statement_of(const Loss<Scalar>& loss, const GloroModel<Scalar>& model) {
  const Guarantee& guarantee = model.guarantee();
  const Index classes =
      std::min(model.classes(), std::max<Index>(16, guarantee.most_classes() + 1));
  Tensor<Scalar> logits(Shape::flat(classes), classes), slope(Shape::flat(classes), classes);
  LipschitzTerms<Scalar> terms{1, 2, Matrix<Scalar>::Zero(classes, classes)};
  std::vector<int> labels;
  for (Index n = 0; n < classes; ++n) {
    labels.push_back(static_cast<int>(n));
    for (Index i = 0; i < classes; ++i) {
      logits.matrix()(i, n) = static_cast<Scalar>((7 * i + 3 * n) % 5) / 2;
      if (i != n) terms.margin_constants(i, n) = static_cast<Scalar>(1 + (i + n) % 3) / 2;
    }
  }
  const auto weighed = [](const auto& slopes) {
    double sum = 0;
    for (Index i = 0; i < slopes.size(); ++i)
      sum += static_cast<double>(1 + i % 7) * static_cast<double>(slopes.data()[i]);
    return sum;
  };
  detail::StatementText text(9);
  try {
    for (const double epsilon : {0.1, 1.0}) {
      slope.matrix().setZero();
      LipschitzSlopes<Scalar> by_terms{0, Matrix<Scalar>::Zero(classes, classes)};
      LossGradient<Scalar> out{slope.matrix(), by_terms};
      const double value = loss({.logits = std::as_const(logits).matrix(),
                                 .labels = labels,
                                 .terms = terms,
                                 .epsilon = static_cast<Scalar>(epsilon),
                                 .lambda_factor = 1,
                                 .guarantee = guarantee},
                                &out);
      text.add(epsilon < 1 ? "of made-up batches " : ", ", value, " with slopes ",
               weighed(slope.matrix()), ' ', weighed(by_terms.margin_constants), ' ',
               by_terms.network);
    }
  } catch (const std::exception& error) {
    text.add("takes no made-up batch: ", error.what());
  }
  return {"the loss", text.text()};
}

}  // namespace gloro
