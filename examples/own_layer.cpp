// A layer of one's own, from training to a certificate. Nothing to derive from; its name in a catalogue
// is enough for files and for the commands of gloro.
//   own_layer learn data/mnist fold.safetensors            checks the layer, trains a network with it, saves it
//   own_layer certify fold.safetensors --dataset mnist     certifies with it; so do attack, report and train --init
#include <gloro/gloro.hpp>
#include <gloro/io/model_file.hpp>
#include <gloro/testing/check_layer.hpp>

#include "../program/commands.hpp"

#include <iostream>

using namespace gloro;

/// y = |x|: keeps distances but where it folds, so 1-Lipschitz; and exact, so without a rounding error.
template <std::floating_point Scalar>
struct Fold {
  static constexpr const char* type = "fold";
  static Fold from(DescribedOptions&) { return {}; }
  Description describe() const { return {type}; }
  Shape output_shape(Shape input) const { return input; }
  Tensor<Scalar> forward(Tensor<Scalar> x, const Pass<Scalar>& pass) const {
    pass.keep(x);
    x.matrix() = x.matrix().cwiseAbs();
    return x;
  }
  Tensor<Scalar> backward(Tensor<Scalar> dy, const BackwardPass<Scalar>& pass) const {
    dy.matrix().array() *= pass.tape.pop().matrix().array().sign();
    return dy;
  }
  Scalar lipschitz() const { return 1; }
  double lipschitz_upper_bound() const { return 1; }
  RoundingBound rounding() const { return {}; }
  template <std::floating_point Other>
  Fold<Other> cast() const {
    return {};
  }
};

int main(int argc, char** argv) {
  const Catalogue catalogue = Catalogue::ours().with<Fold<float>, Fold<double>>();
  if (argc != 4 || std::string(argv[1]) != "learn")
    return run_commands("own_layer", argc, argv, catalogue);
  const auto report = testing::check_layer(Fold<float>(), {4, 4, 2}, {.catalogue = catalogue});
  for (const std::string& fault : report.faults) std::cerr << fault << '\n';
  const auto [train, test] = data::mnist(argv[2]);
  GloroModel<float> model({28, 28, 1},
                          {Conv2D<float>({.filters = 16, .kernel = 4, .stride = 4}), Fold<float>(),
                           Dense<float>(64), Fold<float>(), Dense<float>(10)});
  Trainer<float>(model, {.epochs = 1, .epsilon = 0.1}).fit(train.head(20000), test, ProgressBar());
  save_model(argv[3], model, {.epsilon = 0.1});
  return report.faults.empty() ? 0 : 1;
}
