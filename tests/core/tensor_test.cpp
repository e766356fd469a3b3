// Tensor and Tape: a batch of samples, and the stack of them that autodiff is made of.
#include "catch.hpp"

#include <limits>
#include <utility>

#include "gloro/core/tape.hpp"
#include "gloro/core/tensor.hpp"

using namespace gloro;

namespace {

Tensor<float> counting(Shape shape, Index batch) {
  Tensor<float> tensor(shape, batch);
  for (Index i = 0; i < tensor.size(); ++i) tensor.data()[i] = static_cast<float>(i);
  return tensor;
}

}  // namespace

TEST_CASE("A tensor's column is one sample, channels fastest") {
  const Tensor<float> x = counting({2, 3, 4}, 5);
  CHECK(x.size() == 120);
  CHECK(x.matrix().rows() == 24);
  CHECK(x.matrix().cols() == 5);
  const Index row = 1, column = 2, channel = 3;
  CHECK(x.matrix()((row * 3 + column) * 4 + channel, 2) == x.sample(2)[23]);
  CHECK(x.sample(2)[23] == 71);
}

TEST_CASE("Reshaping relabels the same values, of the same number only") {
  Tensor<float> x = counting({2, 3, 4}, 2);
  const float* data = x.data();
  const Tensor<float> flat = std::move(x).reshaped(Shape::flat(24));
  CHECK(flat.data() == data);
  CHECK(flat.shape() == Shape::flat(24));
  CHECK_THROWS_AS(counting({2, 3, 4}, 2).reshaped(Shape::flat(48)), ShapeError);
  CHECK_THROWS_WITH(counting({2, 3, 4}, 2).reshaped(Shape::flat(23)),
                    ContainsText("2x3x4") && ContainsText("1x1x23"));
}

TEST_CASE("A tensor too large for memory or for an index is refused, not made small") {
  constexpr Index most = std::numeric_limits<Index>::max();
  CHECK_THROWS_AS(Tensor<double>(Shape::flat(most / 2), 3), ShapeError);
  if (most >
      Index(std::numeric_limits<std::int32_t>::max()))  // else a large machine has room for it
    CHECK_THROWS_AS(Tensor<double>(Shape::flat(most / 4), 2), std::bad_alloc);
  CHECK_THROWS_AS(Tensor<double>(Shape::flat(3), -1), ShapeError);
}

TEST_CASE("An empty batch is a tensor too") {
  const Tensor<float> none(Shape{28, 28, 1}, 0);
  CHECK(none.empty());
  CHECK(none.matrix().rows() == 784);
  CHECK(none.matrix().cols() == 0);
  CHECK(Tensor<float>().empty());
}

TEST_CASE("A tape gives back in reverse order what was pushed, and refuses to give more") {
  Tape<float> tape;
  CHECK(tape.empty());
  tape.push(counting(Shape::flat(1), 1));
  tape.push(counting(Shape::flat(2), 1));
  CHECK(tape.pop().size() == 2);
  CHECK_FALSE(tape.empty());
  CHECK(tape.pop().size() == 1);
  CHECK(tape.empty());
  CHECK_THROWS_AS(tape.pop(), Error);
  CHECK_THROWS_WITH(tape.pop(), ContainsText("backward"));
  tape.push(counting(Shape::flat(1), 1));
  tape.clear();
  CHECK(tape.empty());
}
