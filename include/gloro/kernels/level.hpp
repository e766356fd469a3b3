// Level: the instruction set that the kernels run. Header-only it is that of the program. gloro::compiled has
// its kernels for each level of x86-64 (System V ABI, AMD64 supplement, table 3.1), and takes the highest
// that the processor has.
#pragma once

namespace gloro::kernels {

/// "x86-64", "x86-64-v2", "x86-64-v3" or "x86-64-v4" where the library chooses: once, when it is first asked,
/// and the one that the environment variable GLORO_KERNELS names, if there is one. Throws Error where
/// that is none of them, or none of this processor's. Where nothing is to choose, the program's own.
[[nodiscard]] const char* level();

}  // namespace gloro::kernels

#ifndef GLORO_COMPILED
#include "gloro/kernels/level.ipp"
#endif
