# Flags of gloro's own programs: tests, examples, benchmarks. None of them reaches a consumer.

# gloro_march(TARGET SET): compiled for an instruction set.
function(gloro_march target set)
  if(MSVC)
    return()
  endif()
  target_compile_options(${target} PRIVATE -march=${set})
  # GCC 12 calls the undefined vectors of its own AVX-512 header uninitialised (GCC bug 105593).
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(${target} PRIVATE -Wno-uninitialized -Wno-maybe-uninitialized)
  endif()
endfunction()

# gloro_program(TARGET [NATIVE]): warnings, no compiler extensions; for what is made of the headers alone
# the machine's own instructions, where GLORO_NATIVE says so.
function(gloro_program target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "NATIVE" "" "")
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  if(MSVC)
    target_compile_options(${target} PRIVATE /W4 $<$<BOOL:${GLORO_WARNINGS_AS_ERRORS}>:/WX>)
  else()
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
      $<$<BOOL:${GLORO_WARNINGS_AS_ERRORS}>:-Werror>)
  endif()
  if(arg_NATIVE AND GLORO_NATIVE)
    gloro_march(${target} native)
  endif()
endfunction()

# gloro_compile_quickly(TARGET [COMPUTES]): for code that runs for moments, such as a test or a command line, less
# optimisation is the shorter way to its end. For a debugger or a sanitizer it has none, for which Clang takes
# twice as long, unless it COMPUTES for longer than that.
function(gloro_compile_quickly target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "COMPUTES" "" "")
  if(NOT MSVC)
    target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>
      $<$<AND:$<CONFIG:Debug>,$<NOT:$<BOOL:${arg_COMPUTES}>>>:-O0>)
  endif()
endfunction()
