// Contours of a function that is known on a grid, by marching squares: closed lines around where it is
// positive, with corners placed on the grid's edges by linear interpolation.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <utility>
#include <vector>

/// Values at (column, row), row by row. What lies beyond its border counts as far below zero.
struct Grid {
  int columns = 0, rows = 0;
  std::vector<double> values;

  [[nodiscard]] bool holds(int column, int row) const {
    return column >= 0 && row >= 0 && column < columns && row < rows;
  }
  [[nodiscard]] double at(int column, int row) const {
    if (!holds(column, row)) return -1e300;  // a line that leaves the grid runs along its border
    return values[static_cast<std::size_t>(row) * static_cast<std::size_t>(columns) +
                  static_cast<std::size_t>(column)];
  }
};

using Point = std::array<double, 2>;
using Line = std::vector<Point>;

/// In the grid's unit; each line ends where it begins. Regions lie to the same side of
/// all lines, so that they may be filled together.
[[nodiscard]] inline std::vector<Line> contours(const Grid& grid) {
  using Corner = std::array<int, 2>;  // column, row
  using Edge = std::array<int, 3>;    // of its left or upper corner; 0: to the right, 1: down
  std::map<Edge, Edge> next;
  const auto edge = [](Corner a, Corner b) {
    return Edge{std::min(a[0], b[0]), std::min(a[1], b[1]), a[0] == b[0] ? 1 : 0};
  };
  const auto is_inside = [&](Corner corner) { return grid.at(corner[0], corner[1]) > 0; };

  // Around each cell: where one leaves the region, the line goes on to where one enters it again.
  for (int row = -1; row < grid.rows; ++row)
    for (int column = -1; column < grid.columns; ++column) {
      const Corner corners[] = {
          {column, row}, {column + 1, row}, {column + 1, row + 1}, {column, row + 1}};
      for (std::size_t i = 0; i < 4; ++i) {
        if (!is_inside(corners[i]) || is_inside(corners[(i + 1) % 4])) continue;
        std::size_t k = i + 1;
        while (!is_inside(corners[(k + 1) % 4])) ++k;
        next[edge(corners[i], corners[(i + 1) % 4])] = edge(corners[k % 4], corners[(k + 1) % 4]);
      }
    }

  const auto point = [&](const Edge& e) {
    const double from = grid.at(e[0], e[1]);
    const double to = e[2] == 0 ? grid.at(e[0] + 1, e[1]) : grid.at(e[0], e[1] + 1);
    const double t = from / (from - to);
    return Point{e[0] + (e[2] == 0 ? t : 0), e[1] + (e[2] == 1 ? t : 0)};
  };
  std::vector<Line> lines;
  while (!next.empty()) {
    Line line;
    for (auto at = next.begin(); at != next.end();) {
      line.push_back(point(at->first));
      const Edge to = at->second;
      next.erase(at);
      at = next.find(to);
    }
    lines.push_back(std::move(line));
  }
  return lines;
}
