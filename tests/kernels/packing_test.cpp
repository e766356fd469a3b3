// Packed blocks and their transposes against plain loops: every value in its place, none beside it.
#include "gloro/kernels/packing.hpp"

#include "catch.hpp"

#include <cstddef>
#include <vector>

using gloro::Index;

namespace {

constexpr Index room = 3;  // between the end of a row and the next

// from(i, j) is 100 i + j, and -1 stands where nothing belongs.
template <typename Scalar>
void check(Index rows, Index columns) {
  CAPTURE(rows, columns);
  const auto filled = [](Index height, Index step) {
    return std::vector<Scalar>(static_cast<std::size_t>(height * step), Scalar(-1));
  };
  const auto at = [](std::vector<Scalar>& values, Index i) -> Scalar& {
    return values[static_cast<std::size_t>(i)];
  };
  const Index step = columns + room, turned_step = rows + room;
  auto from = filled(rows, step), copy = filled(rows, step + 1),
       turned = filled(columns, turned_step);
  auto expected = copy, expected_turned = turned;
  for (Index i = 0; i < rows; ++i)
    for (Index j = 0; j < columns; ++j)
      at(from, i * step + j) = at(expected, i * (step + 1) + j) =
          at(expected_turned, j * turned_step + i) = static_cast<Scalar>(100 * i + j);
  gloro::kernels::Packing<Scalar> packing{.rows = rows,
                                          .columns = columns,
                                          .from = from.data(),
                                          .from_step = step,
                                          .to = copy.data(),
                                          .to_step = step + 1};
  pack(packing);
  CHECK(copy == expected);
  packing.to = turned.data();
  packing.to_step = turned_step;
  pack_transposed(packing);
  CHECK(turned == expected_turned);
}

}  // namespace

TEST_CASE("Packing copies or transposes a block of any extents, and writes nothing beside it") {
  for (const Index rows : {1, 2, 7, 8, 9, 16, 31})
    for (const Index columns : {1, 3, 4, 7, 8, 15, 16, 17, 33}) {
      check<float>(rows, columns);
      check<double>(rows, columns);
    }
}
