// Gradients: one flat array, a view for each parameter, and views that survive copies and moves.
#include "catch.hpp"

#include <utility>
#include <vector>

#include "gloro/core/parameter.hpp"

using namespace gloro;

namespace {

const Parameter<double> weight{"weight", Matrix<double>::Zero(3, 2)};
const Parameter<double> bias{"bias", Matrix<double>::Zero(3, 1)};
const Parameter<double> none{"none", Matrix<double>::Zero(0, 1)};
const std::vector<const Parameter<double>*> parameters{&weight, &none, &bias};

/// Each view lies within this gradient's own memory, one after the other.
void check_views(Gradients<double>& gradients) {
  REQUIRE(gradients.views().size() == 3);
  const double* at = gradients.flat().data();
  for (std::size_t i = 0; i < 3; ++i) {
    const auto& view = gradients.views()[i];
    CHECK(view.rows() == parameters[i]->value.rows());
    CHECK(view.cols() == parameters[i]->value.cols());
    CHECK(view.data() == at);
    at += view.size();
  }
  CHECK(gradients.extra() == at);
}

}  // namespace

TEST_CASE("Gradients begin at zero, laid out in the parameters' order, extra values last") {
  Gradients<double> gradients(parameters, 4);
  CHECK(gradients.size() == 6 + 0 + 3 + 4);
  CHECK(gradients.flat().isZero(0));
  check_views(gradients);
  gradients.views()[0](2, 1) = 5;
  gradients.views()[2](0, 0) = 6;
  gradients.extra()[3] = 7;
  CHECK(gradients.flat()(5) == 5);
  CHECK(gradients.flat()(6) == 6);
  CHECK(gradients.flat()(12) == 7);
  gradients.set_zero();
  CHECK(gradients.flat().isZero(0));
}

TEST_CASE("The views of a copied gradient show the copy") {
  Gradients<double> original(parameters, 1);
  original.views()[2](1, 0) = 2;
  Gradients<double> copy(original);
  check_views(copy);
  check_views(original);
  copy.views()[2](1, 0) = 3;
  CHECK(original.flat()(7) == 2);
  CHECK(copy.flat()(7) == 3);
}

TEST_CASE("The views of a moved gradient show the values that moved") {
  Gradients<double> original(parameters, 1);
  original.views()[2](1, 0) = 2;
  Gradients<double> moved(std::move(original));
  check_views(moved);
  CHECK(moved.flat()(7) == 2);

  std::vector<Gradients<double>> many;
  for (int i = 0; i < 20; ++i) {
    many.emplace_back(parameters, 1);  // moved again at every growth
    many.back().views()[0](0, 0) = i;
  }
  for (int i = 0; i < 20; ++i) {
    check_views(many[static_cast<std::size_t>(i)]);
    CHECK(many[static_cast<std::size_t>(i)].flat()(0) == i);
  }
}

TEST_CASE("Assigning gradients, copied or moved, keeps every view at home") {
  Gradients<double> source(parameters, 1), target;
  source.views()[0](0, 0) = 4;
  target = source;
  check_views(target);
  check_views(source);
  CHECK(target.flat().data() != source.flat().data());
  CHECK(target.flat()(0) == 4);
  source.views()[0](0, 0) = 5;
  target = std::move(source);
  check_views(target);
  CHECK(target.flat()(0) == 5);
  target = std::as_const(target);  // to itself
  check_views(target);
  CHECK(target.flat()(0) == 5);
}
