// Programs with one mistake each, which the compiler must refuse in words that name it. A case is chosen
// by -DCASE=N; case 0 has no mistake and must compile. The first line of each says what must be in the
// compiler's output (compile.cmake reads it).
#include <gloro/gloro.hpp>

using namespace gloro;

/// A whole layer; the cases leave out or mistype one member of it.
struct Identity {
  Shape output_shape(Shape input) const { return input; }
#if CASE == 1  // says: a layer has the member `Tensor<Scalar> forward(
#elif CASE == 2  // says: a layer has the member `Tensor<Scalar> forward(
  Tensor<float> forward(Tensor<float> x) const { return x; }
#else
  Tensor<float> forward(Tensor<float> x, const Pass<float>&) const { return x; }
#endif
#if CASE == 3  // says: a layer has the member `Tensor<Scalar> backward(
#elif CASE == 4  // says: a layer has the member `Tensor<Scalar> backward(
  Tensor<float> backward(Tensor<float> dy, const BackwardPass<float>&) { return dy; }
#else
  Tensor<float> backward(Tensor<float> dy, const BackwardPass<float>&) const { return dy; }
#endif
#if CASE == 5  // says: a layer has the member `Scalar lipschitz() const`
  double lipschitz() const { return 1; }
#else
  float lipschitz() const { return 1; }
#endif
#if CASE == 6  // says: a layer has the member `double lipschitz_upper_bound() const`
#elif CASE == 7  // says: a layer has the member `double lipschitz_upper_bound() const`
  float lipschitz_upper_bound() const { return 1; }
#else
  double lipschitz_upper_bound() const { return 1; }
#endif
#if CASE == 8  // says: a layer's member `rounding` is `RoundingBound rounding() const`
  double rounding() const { return 0; }
#elif CASE == 9  // says: a layer's member `describe` is `Description describe() const`
  Description describe() { return {"identity"}; }
#elif CASE == 10  // says: a layer's member `parameters` returns a range of `Parameter<Scalar>*`
  std::vector<Parameter<double>*> parameters() { return {}; }
#elif CASE == 11  // says: a layer's member `draw` is `void draw(Random& random)`
  void draw() {}
#elif CASE == 12  // says: a layer's member `state` returns a range
  int state() { return 0; }
#elif CASE == 13  // says: a layer's member `definition` is `double definition(
  float definition(const Tensor<double>&, Index) const { return 0; }
#elif CASE == 14  // says: a layer's member `lipschitz_backward` is `void lipschitz_backward(
  void lipschitz_backward(float) const {}
#elif CASE == 15  // says: a layer is a value: it can be copied and assigned
  Identity(const Identity&) = delete;
  Identity() = default;
#endif
};

/// A layer of the library is told, too, where its Scalar is not the model's.
#if CASE == 16  // says: its Scalar the model's
using Activation = MinMax<double>;
#else
using Activation = MinMax<float>;
#endif

struct Watcher {
#if CASE == 17  // says: an observer has a member step(const StepReport&) or epoch(const EpochReport&)
  void step_done(const StepReport&) {}
#else
  void step(const StepReport&) {}
#endif
};

int main() {
#if CASE == 18  // says: unit
  const Dense<float> head({.unit = 2});
#elif CASE == 15
  const Dense<float> head(2);
#else
  const Dense<float> head({.units = 2});
#endif
#if CASE == 15
  GloroModel<float> model({1, 1, 2}, {AnyLayer<float>(Identity()), Activation(), head});
#else
  GloroModel<float> model({1, 1, 2}, {Identity(), Activation(), head});
#endif
  Trainer<float> trainer(model, {.epochs = 1});
  const data::Dataset data("two", {1, 1, 2}, std::vector<float>{0, 1, 1, 0}, {0, 1});
  trainer.fit(data, data, Watcher());
}
