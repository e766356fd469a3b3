// RunIdentity: what makes a run the one that it is, whoever works on it and however far they have come.
// A checkpoint holds it and a resumed run must state the same; so must processes that train together.
#pragma once

#include <concepts>
#include <string>
#include <utility>
#include <vector>

#include "gloro/core/error.hpp"
#include "gloro/core/number.hpp"
#include "gloro/core/shape.hpp"
#include "gloro/data/dataset.hpp"
#include "gloro/data/mixture.hpp"
#include "gloro/model/gloro_model.hpp"
#include "gloro/parallel/detail/agreement.hpp"
#include "gloro/train/detail/statements.hpp"
#include "gloro/train/trainer_options.hpp"

namespace gloro {

inline constexpr const char* number_of_epochs = "the number of epochs";

/// The options. The loss is a function and stated by statements.hpp; who works, and how long, changes
/// nothing. It does not compile without a member that is added there.
template <std::floating_point Scalar>
[[nodiscard]] std::vector<Statement> statements_of(const TrainerOptions<Scalar>& options) {
  const auto& [epochs, batch_size, epsilon, test_epsilon, loss, lambda_factor, optimizer,
               weight_decay, lookahead, learning_rate, clip_norm, power_iterations, products,
               products_share, augmentation, seed, threads, shards, processes, should_stop] =
      options;
  const bool is_open_ended = epsilon.is_constant() && lambda_factor.is_constant() &&
                             learning_rate.is_constant() && products_share == 1;
  return {{"the seed", std::to_string(seed)},
          {number_of_epochs,
           is_open_ended ? "any, since no schedule follows it" : std::to_string(epochs)},
          {"the batch size", std::to_string(batch_size)},
          {"the schedule of epsilon", epsilon.text()},
          {"the epsilon of the test", number_text(options.radius_of_test())},
          {"the schedule of the loss's weight", lambda_factor.text()},
          {"the schedule of the learning rate", learning_rate.text()},
          {"the optimizer", optimizer.text()},
          {"the weight decay", number_text(weight_decay)},
          {"the lookahead", lookahead.steps > 0
                                ? message("every ", lookahead.steps, " steps at ", lookahead.rate)
                                : "off"},
          {"the largest norm of a gradient", clip_norm > 0 ? number_text(clip_norm) : "any"},
          {"the power iterations of a step", std::to_string(power_iterations)},
          {"the products of a training pass",
           text_of<Scalar>(products) +
               (unit_of<Scalar>(products) && products_share < 1
                    ? message(" in the first ", products_share, " of the epochs")
                    : "")},
          {"the augmentation", augmentation.text()},
          {"the shards of a batch", shards > 0 ? std::to_string(shards) : "by its size"}};
}

/// Where `found` states fewer epochs than `epochs`, `identity` does too. Returns how many it states.
[[nodiscard]] inline Index allow_fewer_epochs(std::vector<Statement>& identity,
                                              const std::vector<Statement>& found, Index epochs) {
  for (const Statement& theirs : found) {
    if (theirs.what != number_of_epochs) continue;
    const auto number = to_whole<Index>(theirs.value);
    if (!number || *number >= epochs) continue;
    for (Statement& ours : identity)
      if (ours.what == number_of_epochs && to_whole<Index>(ours.value)) {
        ours.value = theirs.value;
        return *number;
      }
  }
  return epochs;
}

template <std::floating_point Scalar>
class RunIdentity {
 public:
  /// Of a run that begins with the weights of `model`.
  explicit RunIdentity(GloroModel<Scalar>& model)
      : beginning_(statement_of_weights("the initial weights", model)) {}

  /// Throws ArgumentError if the run has begun with others.
  void know_data(const data::Mixture& train, const data::Dataset& test) {
    std::vector<Statement> data{statement_of("the training data", train.images()),
                                statement_of("the test data", test)};
    if (train.is_mixed()) {
      data.push_back(statement_of("the extra training data", train.extra()));
      data.back().value += message(", ", number_text(train.share()), " of each batch");
    }
    const std::string difference = data_.empty() ? "" : first_difference(data_, data);
    if (!difference.empty())
      throw ArgumentError(message("a run goes on with the data that it began with: ", difference));
    data_ = std::move(data);
  }
  [[nodiscard]] bool knows_data() const { return !data_.empty(); }

  [[nodiscard]] std::vector<Statement> statements(const TrainerOptions<Scalar>& options,
                                                  const GloroModel<Scalar>& model) const {
    std::vector<Statement> all = statements_of(options);
    all.push_back({"the guarantee", model.guarantee().text()});
    all.push_back(statement_of_layers(model));
    all.insert(all.end(), data_.begin(), data_.end());
    all.push_back(statement_of(options.loss, model));
    all.push_back(beginning_);
    return all;
  }

 private:
  Statement beginning_;          // the weights that the run begins with
  std::vector<Statement> data_;  // none: not yet known
};

}  // namespace gloro
