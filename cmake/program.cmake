# Flags of gloro's own programs: tests, examples, benchmarks. None of them reaches a consumer.

# gloro_program(TARGET [NATIVE]): warnings, no compiler extensions; for what is made of the headers alone
# the machine's own instructions, where GLORO_NATIVE says so.
function(gloro_program target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "NATIVE" "" "")
  set(native OFF)
  if(arg_NATIVE AND GLORO_NATIVE)
    set(native ON)
  endif()
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  if(MSVC)
    target_compile_options(${target} PRIVATE /W4 $<$<BOOL:${GLORO_WARNINGS_AS_ERRORS}>:/WX>)
  else()
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
      $<$<BOOL:${GLORO_WARNINGS_AS_ERRORS}>:-Werror> $<$<BOOL:${native}>:-march=native>)
  endif()
  # GCC 12 calls the undefined vectors of its own AVX-512 header uninitialised (GCC bug 105593).
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(${target} PRIVATE
      $<$<BOOL:${native}>:-Wno-uninitialized> $<$<BOOL:${native}>:-Wno-maybe-uninitialized>)
  endif()
endfunction()
