// Checksum: the same for the same bytes in whatever pieces, another for any other.
#include "catch.hpp"

#include <string>

#include "gloro/core/detail/checksum.hpp"

using gloro::Checksum;

namespace {

std::uint64_t sum_of(const std::string& bytes) {
  Checksum sum;
  sum.add(bytes.data(), bytes.size());
  return sum.value();
}

}  // namespace

TEST_CASE("A checksum does not depend on the pieces that the bytes come in") {
  const std::string bytes = "thirty-one bytes of no meaning.";
  for (std::size_t one = 0; one <= bytes.size(); ++one)
    for (std::size_t two = one; two <= bytes.size(); ++two) {
      Checksum sum;
      sum.add(bytes.data(), one);
      (void)sum.value();  // asking changes nothing
      sum.add(bytes.data() + one, two - one);
      sum.add(bytes.data() + two, bytes.size() - two);
      REQUIRE(sum.value() == sum_of(bytes));
    }
}

TEST_CASE("Every byte counts in a checksum and so does their number") {
  const std::string bytes(19, 'x');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    std::string other = bytes;
    other[i] = 'y';
    CHECK(sum_of(other) != sum_of(bytes));
  }
  CHECK(sum_of(bytes + 'x') != sum_of(bytes));
  CHECK(sum_of("") != sum_of(std::string(8, '\0')));
}
