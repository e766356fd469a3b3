# Flags of gloro's own programs: tests, examples, benchmarks. None of them reaches a consumer.

# gloro_program(TARGET): warnings, the machine's own instructions, no compiler extensions.
function(gloro_program target)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  if(MSVC)
    target_compile_options(${target} PRIVATE /W4 $<$<BOOL:${GLORO_WARNINGS_AS_ERRORS}>:/WX>)
  else()
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
      $<$<BOOL:${GLORO_WARNINGS_AS_ERRORS}>:-Werror> $<$<BOOL:${GLORO_NATIVE}>:-march=native>)
  endif()
  # GCC 12 calls the undefined vectors of its own AVX-512 header uninitialised (GCC bug 105593).
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(${target} PRIVATE
      $<$<BOOL:${GLORO_NATIVE}>:-Wno-uninitialized> $<$<BOOL:${GLORO_NATIVE}>:-Wno-maybe-uninitialized>)
  endif()
endfunction()
