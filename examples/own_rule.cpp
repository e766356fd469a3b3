// A rule of one's own for the optimizer: Lion (Chen et al. 2023), steps along the sign of a mixture of the
// gradient and its mean. Weight decay, Lookahead, checkpoints, threads and processes work as for any rule.
#include <gloro/gloro.hpp>

#include <cmath>
#include <iostream>
#include <utility>

using namespace gloro;

struct Lion {
  double beta1 = 0.9;   ///< share of the mean in the mixture
  double beta2 = 0.99;  ///< decay of the mean

  std::vector<std::string> columns() const { return {"mean"}; }
  double at(Index, double learning_rate) const { return learning_rate; }

  template <typename Scalar>
  void move(Slice<Scalar> w, ConstSlice<Scalar> g, RuleState<Scalar> state, double rate) const {
    Slice<Scalar> mean = state[0];
    const auto share = static_cast<Scalar>(beta1), kept = static_cast<Scalar>(beta2);
    w -= static_cast<Scalar>(rate) * (share * mean + (1 - share) * g).sign();
    mean = kept * mean + (1 - kept) * g;
  }
  std::string text() const {  // by which a resumed run is known
    return message("lion,beta1=", beta1, ",beta2=", beta2);
  }
};

int main() {
  std::vector<float> points;  // two rings around the middle of the unit square, 1/4 apart
  std::vector<int> labels;
  for (int n = 0; n < 400; ++n, labels.push_back(n % 2)) {
    const double angle = 2.4 * n, radius = n % 2 ? 0.4 : 0.15;
    points.push_back(static_cast<float>(0.5 + radius * std::cos(angle)));
    points.push_back(static_cast<float>(0.5 + radius * std::sin(angle)));
  }
  const data::Dataset rings("rings", Shape::flat(2), std::move(points), std::move(labels), 2);

  GloroModel<float> model(rings.shape(), {Dense<float>(32), MinMax<float>(), Dense<float>(32),
                                          MinMax<float>(), Dense<float>(2)});
  Trainer<float> trainer(model, {.epochs = 100,
                                 .batch_size = 50,
                                 .epsilon = 0.06,
                                 .optimizer = Lion{.beta1 = 0.95},
                                 .weight_decay = 0.01,
                                 .learning_rate = Schedule::from(1).exponential_to(0.01) * 3e-3});
  trainer.fit(rings, rings);
  const auto proved = certified_metrics(Certifier<float>(model), rings, 0.05, trainer.workers());
  std::cout << "VRA at radius 0.05, trained with Lion: " << 100 * proved.vra() << " %\n";
  return proved.vra() > 0.95 ? 0 : 1;
}
