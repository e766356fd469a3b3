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
endfunction()
