// Programs with one mistake each, which the compiler must refuse in words that name it. A case is chosen
// by -DCASE=N; case 0 has no mistake and must compile. What stands after "says:" must be in the compiler's
// output (compile.cmake reads it from here).
#include <gloro/layers/dense.hpp>
#include <gloro/layers/minmax.hpp>
#include <gloro/model/gloro_model.hpp>
#include <gloro/train/trainer.hpp>

using namespace gloro;

/// A whole layer; the cases leave out or mistype one member of it.
struct Identity {
  Shape output_shape(Shape input) const { return input; }
#if CASE == 1  // says: a layer has the member `Tensor<Scalar> forward(
#else
  Tensor<float> forward(Tensor<float> x, const Pass<float>&) const { return x; }
#endif
#if CASE == 2  // says: a layer has the member `Tensor<Scalar> backward(
  Tensor<float> backward(Tensor<float> dy, const BackwardPass<float>&) { return dy; }
#else
  Tensor<float> backward(Tensor<float> dy, const BackwardPass<float>&) const { return dy; }
#endif
#if CASE == 3  // says: a layer has the member `Scalar lipschitz() const`
  double lipschitz() const { return 1; }
#else
  float lipschitz() const { return 1; }
#endif
#if CASE == 4    // says: a layer has the member `double lipschitz_upper_bound() const`
#elif CASE == 5  // says: a layer has the member `double lipschitz_upper_bound() const`
  float lipschitz_upper_bound() const { return 1; }
#else
  double lipschitz_upper_bound() const { return 1; }
#endif
#if CASE == 6  // says: a layer's member `rounding` is `RoundingBound rounding() const`
  double rounding() const { return 0; }
#elif CASE == 7   // says: a layer's member `describe` is `Description describe() const`
  Description describe() { return {"identity"}; }
#elif CASE == 8   // says: a layer's member `parameters` returns a range of `Parameter<Scalar>*`
  std::vector<Parameter<double>*> parameters() { return {}; }
#elif CASE == 9   // says: a layer's member `draw` is `void draw(Random& random)`
  void draw() {}
#elif CASE == 12  // says: a layer's member `convolution` is `kernels::ConvolutionGeometry
  int convolution() const { return 0; }
#endif
};

#if CASE == 10  // says: its Scalar the model's
using Activation = MinMax<double>;
#else
using Activation = MinMax<float>;
#endif

#if CASE == 11  // says: .unit = 2
const Dense<float> head({.unit = 2});
#else
const Dense<float> head({.units = 2});
#endif

GloroModel<float> model({1, 1, 2}, {Identity(), Activation(), head});

#if CASE == 20  // says: an observer has a member step(const StepReport&) or epoch(
struct Watcher {
  void step_done(const StepReport&) {}
};
#elif CASE > 20
struct Watcher {
  void step(const StepReport&) {}
};
#endif
#if CASE >= 20
void watch(Trainer<float>& trainer, const data::Dataset& data) {
  trainer.fit(data, data, Watcher());
}
#endif

#if CASE == 21  // says: a loss is called with (const LossInput<Scalar>&, LossGradient<Scalar>*)
const TrainerOptions<float> options{
    .loss = [](const LossInput<double>&, LossGradient<double>*) { return 0.0; }};
#elif CASE == 22  // says: a loss returns a double
const TrainerOptions<float> options{.loss = [](const LossInput<float>&, LossGradient<float>*) {}};
#endif

#if CASE >= 23
struct Descent {
#if CASE == 23  // says: an optimizer's rule has columns(), the names of what it remembers
#else
  std::vector<std::string> columns() const { return {}; }
#endif
#if CASE == 24  // says: an optimizer's rule has at(Index step, double learning_rate)
#else
  double at(Index, double learning_rate) const { return learning_rate; }
#endif
#if CASE == 25  // says: an optimizer's rule has move(Slice<Scalar> w, ConstSlice<Scalar> g
  void move(Slice<float> w, ConstSlice<float> g, double rate) const { w -= float(rate) * g; }
#else
  void move(Slice<float> w, ConstSlice<float> g, RuleState<float>, double rate) const {
    w -= float(rate) * g;
  }
#endif
#if CASE == 26  // says: an optimizer's rule has text(), its name and all its constants
#else
  std::string text() const { return "descent"; }
#endif
#if CASE == 27  // says: an optimizer's rule may have move_matrix(WeightMatrix<Scalar> w
  void move_matrix(WeightMatrix<float> w, ConstWeightMatrix<float> g, double rate) const {
    w -= float(rate) * g;
  }
#endif
};
const TrainerOptions<float> options{.optimizer = Descent{}};
#endif

int main() {}
