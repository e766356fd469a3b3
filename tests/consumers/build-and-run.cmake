# Builds and runs the consumer `name` from nothing in the folder `work`; stops at the first failure.
function(run)
  execute_process(COMMAND ${ARGV} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${work})
set(prefix ${work}/prefix)
if(name STREQUAL "find_package")
  run(${CMAKE_COMMAND} --install ${gloro_binary} --config ${config} --prefix ${prefix})
endif()
run(${CMAKE_COMMAND} -S ${CMAKE_CURRENT_LIST_DIR}/${name} -B ${work}/build -G ${generator}
  -D "CMAKE_PREFIX_PATH=${prefix};${prefix_path}"
  -D "GLORO_SOURCE=${gloro_source}"
  -D "GLORO_COMPONENTS=${gloro_components}"
  -D "CMAKE_CXX_COMPILER=${compiler}"
  -D "CMAKE_CXX_COMPILER_LAUNCHER=${launcher}"
  -D "CMAKE_CXX_FLAGS=${flags} -O1 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror")
run(${CMAKE_COMMAND} --build ${work}/build --config ${config})

file(GLOB_RECURSE programs ${work}/build/consumer ${work}/build/consumer_with_components
  ${work}/build/consumer*.exe)
if(NOT programs)
  message(FATAL_ERROR "The consumer ${name} built no program")
endif()
foreach(program IN LISTS programs)
  run(${program})
endforeach()
