// `using namespace gloro` beside the standard library's and the C library's names: nothing is ambiguous,
// and nothing of theirs is taken for ours. Every name of namespace gloro that the tutorial types is used.
#include "catch.hpp"

#include <math.h>  // the C names, outside of any namespace
#include <string.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <functional>
#include <iostream>
#include <limits>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <ranges>
#include <span>
#include <string>
#include <thread>
#include <utility>
#include <variant>
#include <vector>

#include "gloro/gloro.hpp"

using namespace std;
using namespace gloro;

TEST_CASE("Names of the library, of std and of the C library stand beside each other") {
  CHECK(gamma(3.0) == Approx(log(2.0)));  // libm's logarithm of the gamma function
  CHECK(lgamma(3.0) == Approx(log(2.0)));
  CHECK(round(2.5) == 3);
  CHECK(infinity == numeric_limits<double>::infinity());

  const Shape shape{2, 2, 1};
  vector<float> values(8);
  iota(values.begin(), values.end(), 0.0F);
  const data::Dataset dataset("numbers", shape, values, {0, 1});
  GloroModel<float> model(
      shape, {Conv2D<float>({.filters = 2, .kernel = 2}), MinMax<float>(), Dense<float>(2)});
  Trainer<float> trainer(model, {.epochs = 1, .epsilon = 0.1, .loss = Trades{.lambda = 1.5}});
  const Index samples = trainer.fit(dataset, dataset).samples;
  CHECK(samples == 2);
  const Certifier<float> certifier(model);
  CHECK(certifier.layer_bounds().size() == 2);
  CHECK_THROWS_AS(model.require_input(Shape::flat(3)), ShapeError);
}
