# One test of hidden.cmake.
file(REMOVE_RECURSE ${work})
file(MAKE_DIRECTORY ${work})

# A find module that says no, and makes the target nevertheless, as FindMPI does.
file(WRITE ${work}/modules/Find${package}.cmake
  "if(NOT TARGET ${target})\n  add_library(${target} INTERFACE IMPORTED)\nendif()\n"
  "set(${package}_FOUND FALSE)\n")

if(beside)
  list(GET beside 0 other)
  list(GET beside 1 other_target)
  file(WRITE ${work}/modules/Find${other}.cmake
    "if(NOT TARGET ${other_target})\n  add_library(${other_target} INTERFACE IMPORTED)\nendif()\n"
    "set(${other}_FOUND TRUE)\n")
endif()

# The library's bodies are not compiled with a command: without any package they are for other systems
# (the preset aarch64).
set(debug -O0)
if(build MATCHES "^gloro_command_")
  string(APPEND debug " -DGLORO_COMPILED=1")
endif()

function(configure with result_variable output_variable)
  execute_process(COMMAND ${CMAKE_COMMAND} -S ${source} -B ${work}/${with} -G ${generator}
    -D CMAKE_CXX_COMPILER=${compiler} -D CMAKE_CXX_COMPILER_LAUNCHER=${launcher}
    -D CMAKE_PREFIX_PATH=${prefix_path} -D CMAKE_MODULE_PATH=${work}/modules
    -D CMAKE_BUILD_TYPE=Debug -D CMAKE_CXX_FLAGS_DEBUG=${debug} -D GLORO_NATIVE=OFF
    -D GLORO_HEADER_ONLY=ON
    -D GLORO_WARNINGS_AS_ERRORS=ON -D GLORO_FETCH_DEPENDENCIES=OFF -D GLORO_WITH_${component}=${with}
    RESULT_VARIABLE result OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  set(${result_variable} ${result} PARENT_SCOPE)
  set(${output_variable} "${output}${errors}" PARENT_SCOPE)
endfunction()

string(TOUPPER "${component}" upper)
set(name ${component})
set(component ${upper})
configure(AUTO result output)
if(NOT result EQUAL 0)
  message(FATAL_ERROR "without ${package} the project cannot be configured:\n${output}")
endif()
if(name MATCHES " ")
  set(expected "no ${name}, ${package} is not installed")
else()
  set(expected "no component ${name}, ${package} is not installed")
endif()
if(NOT output MATCHES "${expected}")
  message(FATAL_ERROR "expected the message '${expected}', got:\n${output}")
endif()
if(build)
  execute_process(COMMAND ${CMAKE_COMMAND} --build ${work}/AUTO --target ${build}
    RESULT_VARIABLE result)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR "without ${package}, ${build} do not compile")
  endif()
endif()

if(NOT name MATCHES " ")
  configure(ON result output)
  if(result EQUAL 0 OR NOT output MATCHES "gloro needs ${package}")
    message(FATAL_ERROR "a build that demands ${name} must name ${package}, got:\n${output}")
  endif()
endif()
