# Every header on its own, and every .ipp with its bodies, without a warning: a build of its own target.
# They are compiled as gloro::compiled has them, header and bodies apart. Where a header shows its bodies
# nothing is seen less, as long as no includes go round in a circle (suite/rooms.cmake).
#
# A unit is a chain of files, each of which includes those before it, by itself or through others. What
# stands before a file thus adds nothing that it would not bring along, and hides nothing that it lacks:
# less than half as many units show as much as one for each file.
get_property(missing_headers GLOBAL PROPERTY gloro_missing_headers)
file(GLOB_RECURSE files CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/include
  ${PROJECT_SOURCE_DIR}/include/gloro/*.hpp ${PROJECT_SOURCE_DIR}/include/gloro/*.ipp)
foreach(pattern IN LISTS missing_headers)
  list(FILTER files EXCLUDE REGEX "^gloro/${pattern}")
endforeach()

# gloro_reach(FILE RESULT): what FILE includes whatever is defined, by itself or through others, and "Eigen"
# if that is among it. From its first #if on a file is not read: that is where it shows its bodies.
function(gloro_reach file result)
  get_property(all GLOBAL PROPERTY gloro_reach_${file})
  if(NOT all)
    file(READ ${PROJECT_SOURCE_DIR}/include/${file} text)
    string(REGEX REPLACE "\n *#if.*" "" text "${text}")
    string(REGEX MATCHALL "#include [\"<](gloro/|Eigen)[^\">]*" includes "${text}")
    foreach(include IN LISTS includes)
      string(REGEX REPLACE "#include .(Eigen|.*).*" "\\1" include "${include}")
      if(NOT include MATCHES "^Eigen")
        gloro_reach(${include} further)
        list(APPEND all ${further})
      endif()
      list(APPEND all ${include})
    endforeach()
    list(APPEND all ${file})
    list(REMOVE_DUPLICATES all)
    set_property(GLOBAL PROPERTY gloro_reach_${file} "${all}")
  endif()
  set(${result} "${all}" PARENT_SCOPE)
endfunction()

# From those that include least to those that include most, each takes the longest chain that it may end.
set(by_reach)
foreach(file IN LISTS files)
  gloro_reach(${file} reach)
  list(LENGTH reach length)
  list(APPEND by_reach "${length} ${file}")
endforeach()
list(SORT by_reach COMPARE NATURAL)
list(TRANSFORM by_reach REPLACE ".* " "")
set(ends)
foreach(file IN LISTS by_reach)
  gloro_reach(${file} reach)
  set(chain_${file} ${file} ${file})  # twice: none may mind it
  foreach(end IN LISTS ends)
    if(end IN_LIST reach)
      list(PREPEND chain_${file} ${chain_${end}})
      list(REMOVE_ITEM ends ${end})
      break()
    endif()
  endforeach()
  list(PREPEND ends ${file})
endforeach()

set(units)
foreach(end IN LISTS ends)
  set(unit ${CMAKE_CURRENT_BINARY_DIR}/headers/${end}.cpp)
  list(TRANSFORM chain_${end} REPLACE "(.+)" "#include <\\1>\n" OUTPUT_VARIABLE lines)
  list(JOIN lines "" text)
  file(CONFIGURE OUTPUT ${unit} CONTENT "${text}" @ONLY)
  list(APPEND units ${unit})
  gloro_reach(${end} reach)
  if(NOT reach MATCHES "Eigen")
    set_source_files_properties(${unit} PROPERTIES SKIP_PRECOMPILE_HEADERS ON)
  endif()
endforeach()
list(LENGTH files file_count)
list(LENGTH units unit_count)
message(STATUS "gloro: ${file_count} headers and bodies are compiled on their own in ${unit_count} units")

add_library(headers OBJECT EXCLUDE_FROM_ALL ${units})
target_link_libraries(headers PRIVATE gloro::gloro ${components})
target_compile_definitions(headers PRIVATE GLORO_COMPILED=1)
gloro_program(headers NATIVE)
target_compile_options(headers PRIVATE $<$<NOT:$<BOOL:${MSVC}>>:-O0 -Werror>)
target_precompile_headers(headers PRIVATE <Eigen/Core>)  # for units that include it
cmake_host_system_information(RESULT cores QUERY NUMBER_OF_LOGICAL_CORES)
add_test(NAME "headers/Every header compiles on its own, and every body"
  COMMAND ${CMAKE_COMMAND} --build ${PROJECT_BINARY_DIR} --config $<CONFIG> --target headers
    --parallel ${cores})
set_tests_properties("headers/Every header compiles on its own, and every body"
  PROPERTIES LABELS build PROCESSORS ${cores} TIMEOUT 1200)
