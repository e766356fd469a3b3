#include "gloro/core/terminal.hpp"

#include <sstream>
#include <string>

#include "catch.hpp"
#include "screen.hpp"

using namespace gloro;

TEST_CASE("a line leaves out its parts of the highest rank first") {
  const std::vector<LinePart> parts{{"first", 0}, {"second", 2}, {"third", 1}};
  CHECK(fitted_line(parts, 100) == "first  second  third");
  CHECK(fitted_line(parts, 20) == "first  second  third");
  CHECK(fitted_line(parts, 19) == "first  third");
  CHECK(fitted_line(parts, 11) == "first");
  CHECK(fitted_line(parts, 3) == "fir");
  CHECK(fitted_line(parts, 0).empty());
  CHECK(fitted_line({}, 10).empty());
}

TEST_CASE("a bar is as wide as it is told and as full as its share") {
  CHECK(bar_text(1, 2, 10) == "[####    ]");
  CHECK(bar_text(0, 2, 6) == "[    ]");
  CHECK(bar_text(2, 2, 6) == "[####]");
  CHECK(bar_text(3, 2, 6) == "[####]");
  CHECK(bar_text(0, 0, 6) == "[####]");
  CHECK(bar_text(1, 2, 4).empty());
}

TEST_CASE("a status line stays on its line at any width and leaves nothing behind") {
  for (int columns = 1; columns < 140; ++columns) {
    INFO(columns << " columns");
    std::ostringstream out;
    StatusLine status(out, [&] { return columns; });
    for (int step = 0; step <= 20; ++step) {
      status.show(
          {{"epoch 1/2", 0}, {"loss " + std::string(20 - static_cast<std::size_t>(step), '7'), 1}},
          step, 20);
      CHECK(screen_after(out.str(), static_cast<std::size_t>(columns)).size() <= 1);
    }
    status.clear();
    out << "x\n";
    CHECK(screen_after(out.str(), static_cast<std::size_t>(columns)) ==
          std::vector<std::string>{"x"});
  }
}

TEST_CASE("a status line writes nothing where there is no terminal") {
  std::ostringstream out;
  StatusLine status(out, [] { return 0; });
  status.show({{"text", 0}}, 1, 2);
  status.clear();
  CHECK(out.str().empty());
}

TEST_CASE("a window that changes its width is asked again") {
  std::ostringstream out;
  int columns = 100;
  StatusLine status(out, [&] { return columns; });
  status.show({{"epoch 1/2", 0}}, 1, 2);
  out.str("");
  columns = 30;
  status.show({{"epoch 1/2", 0}}, 1, 2);
  CHECK(screen_after(out.str(), 30).size() == 1);
}
