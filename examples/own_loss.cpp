// A loss of one's own: the hinge on certified margins. It asks that the true class t lead every rival i by
// K_ti eps, so that nothing within eps of an input changes its label, and asks no more than that:
//
//   loss = sum over i != t of max(0, K_ti eps - (y_t - y_i))
//
// On pairs of points of two classes at distance 1/2: the radii of a pair add up to at most that.
#include <gloro/gloro.hpp>

#include <iostream>
#include <utility>

using namespace gloro;

struct MarginHinge {
  double operator()(const LossInput<float>& in, LossGradient<float>* out) const {
    double total = 0;
    for (Index n = 0; n < in.logits.cols(); ++n) {
      const Index truth = in.truth(n);
      for (Index i = 0; i < in.logits.rows(); ++i) {
        const float lead = in.logits(truth, n) - in.logits(i, n);
        const float missing = in.terms.margin_constants(truth, i) * in.epsilon - lead;
        if (i == truth || missing <= 0) continue;
        total += static_cast<double>(missing);
        if (!out) continue;
        out->logits(truth, n) -= 1;
        out->logits(i, n) += 1;
        out->terms.margin_constants(truth, i) += in.epsilon;
      }
    }
    return total;
  }
};

int main() {
  std::vector<float> points;  // (x, y) with x = 1/4 or 3/4 and the same y for both of a pair
  std::vector<int> labels;
  for (int n = 0; n < 400; ++n, labels.push_back(n % 2))
    points.insert(points.end(), {n % 2 ? 0.75F : 0.25F, static_cast<float>(n / 2) / 200});
  const data::Dataset pairs("pairs", Shape::flat(2), std::move(points), std::move(labels), 2);

  GloroModel<float> model(pairs.shape(), {Dense<float>(16), MinMax<float>(), Dense<float>(2)}, 1);
  Trainer<float> trainer(model, {.epochs = 60,
                                 .batch_size = 50,
                                 .epsilon = 0.24,
                                 .loss = MarginHinge{},
                                 .learning_rate = Schedule::from(1).exponential_to(0.01) * 0.01});
  trainer.fit(pairs, pairs);
  const auto proved = certified_metrics(Certifier<float>(model), pairs, 0.2, trainer.workers());
  std::cout << "VRA at radius 0.2, where 0.25 is the most: " << 100 * proved.vra() << " %\n";
  return proved.vra() == 1 ? 0 : 1;
}
