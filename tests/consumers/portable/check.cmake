# Runs the consumer in its build tree and, installed and moved, elsewhere, with each level of x86-64
# that this machine has: the loader must find the library of that level, and all must agree.
set(loader /lib64/ld-linux-x86-64.so.2)  # where the ABI has it

run(${CMAKE_COMMAND} --install ${work}/build --config ${config} --prefix ${work}/installed)
file(RENAME ${work}/installed ${work}/elsewhere)
file(GLOB_RECURSE program ${work}/build/consumer)

execute_process(COMMAND ${loader} --help OUTPUT_VARIABLE help)
string(REGEX MATCHALL "x86-64-v[234] \\(supported" levels "${help}")
list(TRANSFORM levels REPLACE " .*" "")
if(NOT levels)
  message(STATUS "the loader knows no levels of x86-64, or this machine has none: baseline only")
endif()

# expect(LEVEL COMMAND...): the command says that LEVEL answered.
function(expect level)
  execute_process(COMMAND ${ARGN} ${arguments} ${work}/answers OUTPUT_VARIABLE said
    OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ECHO STDOUT COMMAND_ERROR_IS_FATAL ANY)
  message(STATUS "${said}")
  if(NOT said STREQUAL level)
    message(FATAL_ERROR "expected ${level}")
  endif()
endfunction()

list(APPEND levels baseline)
list(GET levels 0 best)
foreach(program IN ITEMS ${program} ${work}/elsewhere/bin/consumer)
  expect(${best} ${program})
  if(NOT best STREQUAL "baseline")
    foreach(level IN LISTS levels)
      expect(${level} ${loader} --glibc-hwcaps-mask ${level} ${program})
    endforeach()
  endif()
endforeach()
