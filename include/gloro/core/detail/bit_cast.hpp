// bit_cast: std::bit_cast; where the standard library is older than its compiler (libc++ before version 14,
// that of Debian's emscripten), the builtin that it is made of.
#pragma once

#include <bit>
#include <type_traits>
#include <version>

namespace gloro::detail {

#ifdef __cpp_lib_bit_cast
using std::bit_cast;
#else
template <typename To, typename From>
requires(sizeof(To) == sizeof(From) && std::is_trivially_copyable_v<To> &&
         std::is_trivially_copyable_v<From>) [[nodiscard]] constexpr To
    bit_cast(const From& from) noexcept {
  return __builtin_bit_cast(To, from);
}
#endif

}  // namespace gloro::detail
