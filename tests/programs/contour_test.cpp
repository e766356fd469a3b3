// The contours that `plane` draws.
#include "../../examples/contour.hpp"

#include <cmath>
#include <functional>
#include <numbers>

#include "catch.hpp"

namespace {

Grid grid_of(int size, const std::function<double(double, double)>& value) {
  Grid grid{size, size, {}};
  for (int y = 0; y < size; ++y)
    for (int x = 0; x < size; ++x) grid.values.push_back(value(x, y));
  return grid;
}

/// Signed, by the shoelace formula: holes count against what they are in.
double area(const std::vector<Line>& lines) {
  double twice = 0;
  for (const Line& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i) {
      const Point& a = line[i];
      const Point& b = line[(i + 1) % line.size()];
      twice += a[0] * b[1] - a[1] * b[0];
    }
  return std::abs(twice / 2);
}

constexpr double pi = std::numbers::pi;

}  // namespace

TEST_CASE("The contour of a disc has its area, a ring has two, and both are smooth") {
  const auto from_centre = [](double x, double y) { return std::hypot(x - 50.3, y - 49.6); };
  const auto disc =
      contours(grid_of(101, [&](double x, double y) { return 40 - from_centre(x, y); }));
  REQUIRE(disc.size() == 1);
  CHECK(area(disc) == Approx(pi * 1600).epsilon(1e-3));
  for (const Point& p : disc[0]) CHECK(from_centre(p[0], p[1]) == Approx(40).margin(0.01));
  const auto ring = contours(
      grid_of(101, [&](double x, double y) { return 10 - std::abs(from_centre(x, y) - 30); }));
  REQUIRE(ring.size() == 2);
  CHECK(area(ring) == Approx(pi * (1600 - 400)).epsilon(1e-3));
}

TEST_CASE("A region that leaves the grid is closed along its border") {
  const auto lines = contours(grid_of(11, [](double x, double) { return 4.25 - x; }));
  REQUIRE(lines.size() == 1);
  CHECK(area(lines) == Approx(4.25 * 10).epsilon(1e-6));
  CHECK(contours(grid_of(5, [](double, double) { return -1.0; })).empty());
  CHECK(area(contours(grid_of(5, [](double, double) { return 1.0; }))) == Approx(16).epsilon(1e-6));
}

TEST_CASE("Where two regions meet at a corner every line is closed") {
  const auto lines = contours(grid_of(4, [](double x, double y) {
    return std::fmod(x + y, 2) < 0.5 ? 1.0 : -1.0;  // a chessboard
  }));
  std::size_t points = 0;
  for (const Line& line : lines) {
    CHECK(line.size() >= 4);
    points += line.size();
  }
  CHECK(points == 8 * 4);  // each of the eight has four edges
}
