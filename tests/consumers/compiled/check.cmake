# The programs run, static and shared; those that do not fit the library are refused by name.
foreach(name consumer consumer_shared)
  file(GLOB_RECURSE program ${work}/build/${name})
  run(${program})
endforeach()
foreach(case "other_version;gloro_0\\.0\\.1_for_" "other_set;gloro_[0-9.]+_for_scalars")
  list(GET case 0 name)
  list(GET case 1 symbol)
  execute_process(COMMAND ${CMAKE_COMMAND} --build ${work}/build --config ${config} --target ${name}
    RESULT_VARIABLE failed OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT failed OR NOT output MATCHES "undefined reference to .${symbol}")
    message(FATAL_ERROR "${name}: expected a linker that misses ${symbol}, got\n${output}")
  endif()
endforeach()
