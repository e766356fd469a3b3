# The control runs; the mixed program is refused by name, or computes what is right.
file(GLOB_RECURSE same ${work}/build/same)
run(${same})
execute_process(COMMAND ${CMAKE_COMMAND} --build ${work}/build --config ${config} --target mixed
  RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
if(NOT failed)
  file(GLOB_RECURSE mixed ${work}/build/mixed)
  run(${mixed})
elseif(NOT output MATCHES "gloro_is_compiled_for_")
  message(FATAL_ERROR "The mixed program fails to link for another reason:\n${output}")
endif()
