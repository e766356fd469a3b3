// InvertibleDownsampling: blocks of pixels become channels, and nothing is lost.
#include "catch.hpp"

#include "gloro/layers/downsampling.hpp"
#include "layers/gradient_check.hpp"

using namespace gloro;

TEMPLATE_TEST_CASE("Position (i, j) of a block becomes the (i q + j)-th group of channels", "",
                   float, double) {
  struct Case {
    Shape input;
    Extent block;
  };
  Random random(1);
  for (const Case& one :
       {Case{{4, 6, 3}, 2}, Case{{4, 6, 1}, {2, 3}}, Case{{3, 4, 2}, {3, 1}}, Case{{5, 5, 2}, 1}}) {
    const InvertibleDownsampling<TestType> layer(one.block);
    const auto x = check::random_tensor<TestType>(one.input, 2, random);
    const auto y = layer.forward(x, {});
    const Shape out = y.shape();
    REQUIRE(out == layer.output_shape(one.input));
    REQUIRE(out.size() == one.input.size());
    for (Index n = 0; n < 2; ++n)
      for (Index r = 0; r < out.height; ++r)
        for (Index c = 0; c < out.width; ++c)
          for (Index i = 0; i < one.block.height; ++i)
            for (Index j = 0; j < one.block.width; ++j)
              for (Index k = 0; k < one.input.channels; ++k) {
                const Index row = r * one.block.height + i, column = c * one.block.width + j;
                const Index group = i * one.block.width + j;
                CHECK(y.sample(
                          n)[(r * out.width + c) * out.channels + group * one.input.channels + k] ==
                      x.sample(n)[(row * one.input.width + column) * one.input.channels + k]);
              }
  }
}

TEST_CASE("Downsampling passes gradients back to their pixels, and stretches nothing") {
  Random random(2);
  check::check_affine([](auto scalar) { return InvertibleDownsampling<decltype(scalar)>(); },
                      {4, 6, 2}, 2, random);
  check::check_affine(
      [](auto scalar) { return InvertibleDownsampling<decltype(scalar)>(Extent(3, 2)); }, {3, 4, 1},
      2, random);
  CHECK(InvertibleDownsampling<float>().lipschitz_upper_bound() == 1);
}

TEST_CASE("A block that does not divide the image is refused, and both are named") {
  CHECK_THROWS_AS(InvertibleDownsampling<float>(2).output_shape({4, 5, 1}), ShapeError);
  CHECK_THROWS_WITH(InvertibleDownsampling<float>(Extent(2, 3)).output_shape({5, 3, 1}),
                    ContainsText("2x3") && ContainsText("5x3x1"));
  CHECK_THROWS_AS(InvertibleDownsampling<float>(0), ArgumentError);
}
