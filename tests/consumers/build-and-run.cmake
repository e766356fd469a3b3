# Builds the consumer in `source` from nothing in the folder `work` and runs its programs with
# `arguments`; stops at the first failure. What is installed there goes first. A consumer with a
# script check.cmake is run by that.
function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

# A list is one argument of run(), whatever ARGV makes of it.
foreach(list IN ITEMS gloro_components prefix_path)
  string(REPLACE ";" "\\;" ${list} "${${list}}")
endforeach()

file(REMOVE_RECURSE ${work})
set(prefix ${work}/prefix)
run(${CMAKE_COMMAND} --install ${gloro_binary} --config ${config} --prefix ${prefix})
run(${CMAKE_COMMAND} -S ${source} -B ${work}/build -G ${generator}
  -D "CMAKE_PREFIX_PATH=${prefix}\\;${prefix_path}"
  -D "GLORO_SOURCE=${gloro_source}"
  -D "GLORO_COMPONENTS=${gloro_components}"
  -D "CMAKE_CXX_COMPILER=${compiler}"
  -D "CMAKE_CXX_COMPILER_LAUNCHER=${launcher}"
  -D "CMAKE_CXX_FLAGS=${flags} -O1 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror")
run(${CMAKE_COMMAND} --build ${work}/build --config ${config})

if(EXISTS ${source}/check.cmake)
  include(${source}/check.cmake)
  return()
endif()
file(GLOB_RECURSE programs ${work}/build/consumer ${work}/build/consumer_with_components
  ${work}/build/classify ${work}/build/*.exe)
if(NOT programs)
  message(FATAL_ERROR "The consumer in ${source} built no program")
endif()
foreach(program IN LISTS programs)
  run(${program} ${arguments})
endforeach()
