// Statements: what processes that train together must have in common (core/agreement.hpp), as text
// that a person can compare and with a checksum of what is too long to show.
#pragma once

#include <iomanip>
#include <locale>
#include <sstream>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "gloro/core/agreement.hpp"
#include "gloro/core/checksum.hpp"
#include "gloro/data/dataset.hpp"
#include "gloro/loss/loss.hpp"
#include "gloro/model/gloro_model.hpp"

namespace gloro {

namespace detail {

/// A stream that writes numbers alike on every machine, and in full.
class StatementText {
 public:
  StatementText() {
    out_.imbue(std::locale::classic());
    out_.precision(17);
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
  StatementText& add_value(const Description::Value& value) {
    std::visit(
        [&](const auto& of) {
          if constexpr (requires { out_ << of; })
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

/// Layers with their options, and a checksum of all weights and stored singular vectors.
template <std::floating_point Scalar>
[[nodiscard]] Statement statement_of(GloroModel<Scalar>& model) {
  detail::StatementText text;
  text.add("inputs of ", model.input_shape());
  for (std::size_t l = 0; l < model.layers().size(); ++l) {
    text.add("; ");
    try {
      const Description description = model.layers()[l].describe();
      text.add(description.type);
      for (const auto& [name, value] : description.options) text.add(' ', name, ' ').add_value(value);
    } catch (const Error&) {  // a layer of the user's own, which need not describe itself
      text.add("a layer");
    }
    text.add(" to ", model.output_shape(l));
  }
  Checksum sum;
  for (const auto& list : {model.parameters(), model.buffers()})
    for (const auto* parameter : list)
      sum.add(parameter->value.data(),
              static_cast<std::size_t>(parameter->value.size()) * sizeof(Scalar));
  return {"the model", text.add_checksum(sum.value()).text()};
}

/// `what`: "the training data", say.
[[nodiscard]] inline Statement statement_of(std::string what, const data::Dataset& dataset) {
  detail::StatementText text;
  text.add(dataset.name(), ", ", dataset.size(), " samples of ", dataset.shape(), ", ",
           dataset.classes(), " classes");
  return {std::move(what), text.add_checksum(dataset.checksum()).text()};
}

/// Processors or builds that round differently show in the logits of one sample.
template <std::floating_point Scalar>
[[nodiscard]] Statement statement_of_arithmetic(const GloroModel<Scalar>& model,
                                                const data::Dataset& dataset) {
  const Index first[] = {0};
  const Tensor<Scalar> logits = model.logits(dataset.batch<Scalar>(first));
  Checksum sum;
  sum.add(logits.data(), static_cast<std::size_t>(logits.size()) * sizeof(Scalar));
  detail::StatementText text;
  return {"the processor or the build",
          text.add("logits of the first sample").add_checksum(sum.value()).text()};
}

/// A loss is a function, and is known by what it makes of one made-up sample of each class.
template <std::floating_point Scalar>
[[nodiscard]] Statement statement_of(const Loss<Scalar>& loss, const GloroModel<Scalar>& model,
                                     Scalar epsilon) {
  const Index classes = model.classes();
  Tensor<Scalar> logits(Shape::flat(classes), classes), slope(Shape::flat(classes), classes);
  std::vector<int> labels;
  for (Index n = 0; n < classes; ++n) {
    labels.push_back(static_cast<int>(n));
    for (Index i = 0; i < classes; ++i)
      logits.matrix()(i, n) = static_cast<Scalar>((7 * i + 3 * n) % 5) / 2;
  }
  slope.matrix().setZero();
  const LipschitzTerms<Scalar> terms = model.lipschitz_terms();
  LipschitzTerms<Scalar> by_terms{0, 0, Matrix<Scalar>::Zero(classes, classes)};
  LossGradient<Scalar> out{slope.matrix(), by_terms};
  const double value = loss({.logits = std::as_const(logits).matrix(),
                             .labels = labels,
                             .terms = terms,
                             .epsilon = epsilon,
                             .lambda_factor = 1},
                            &out);
  Checksum sum;
  sum.add(slope.data(), static_cast<std::size_t>(slope.size()) * sizeof(Scalar));
  detail::StatementText text;
  return {"the loss", text.add("of a made-up batch ", value).add_checksum(sum.value()).text()};
}

}  // namespace gloro
