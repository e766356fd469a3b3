// Header-only or compiled. The bodies of NAME.hpp live beside it in NAME.ipp, which the header includes
// by itself, unless GLORO_COMPILED says that they are in a library, gloro::compiled: then a unit that
// includes the header neither parses nor instantiates them. The library is made of nothing but the .ipp
// files (cmake/compiled.cmake), each of which lists at its end, for GLORO_COMPILING, what it instantiates.
#pragma once

/// Before a function that is no template and has its body in an .ipp file.
#ifdef GLORO_COMPILED
#define GLORO_INLINE
#else
#define GLORO_INLINE inline
#endif
