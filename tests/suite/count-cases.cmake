# ctest must know as many cases of each room as the room's program lists, and each under one name:
#   cmake -D rooms=... -D programs=... -D listing=... -D ctest=... -D binary=... -P count-cases.cmake
# A name with a bracket or a semicolon, which CMake takes for a list, hides the cases after it.
cmake_minimum_required(VERSION 3.22)
if(NOT rooms)
  message(FATAL_ERROR "no rooms to count")
endif()
foreach(room program IN ZIP_LISTS rooms programs)
  execute_process(COMMAND ${emulator} ${program} ${listing} OUTPUT_VARIABLE names)
  string(REGEX REPLACE "[][;]" "_" names "${names}")
  string(REGEX MATCHALL "[^\n]+" names "${names}")
  list(LENGTH names listed)
  execute_process(COMMAND ${ctest} -N --tests-regex "^${room}/" WORKING_DIRECTORY ${binary}
    OUTPUT_VARIABLE known RESULT_VARIABLE result)
  if(NOT result EQUAL 0 OR NOT known MATCHES "Total Tests: ([0-9]+)")
    message(FATAL_ERROR "ctest does not list its tests: ${known}")
  endif()
  set(known ${CMAKE_MATCH_1})
  message(STATUS "${room}: ${listed} cases listed, ${known} known to ctest")
  if(listed EQUAL 0 OR NOT listed EQUAL known)
    message(SEND_ERROR "room ${room}: its program lists ${listed} cases, ctest knows ${known}")
  endif()
endforeach()
