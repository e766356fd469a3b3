// The version of the library, the one place that says it: CMake reads it from here.
#pragma once

#define GLORO_VERSION "0.1.0"
