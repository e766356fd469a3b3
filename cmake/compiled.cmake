# gloro::compiled: the library compiled once. It replaces gloro::gloro; headers and names are the same.
# Its sources are the .ipp files, one unit each; what needs a component is in it where that is there.
get_property(missing_headers GLOBAL PROPERTY gloro_missing_headers)
file(GLOB_RECURSE bodies CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/include/gloro
  ${PROJECT_SOURCE_DIR}/include/gloro/*.ipp)
foreach(pattern IN LISTS missing_headers)
  list(FILTER bodies EXCLUDE REGEX "^${pattern}")
endforeach()
set(units)
foreach(body IN LISTS bodies)
  file(CONFIGURE OUTPUT compiled/${body}.cpp CONTENT "#include <gloro/${body}>\n")
  list(APPEND units ${PROJECT_BINARY_DIR}/compiled/${body}.cpp)
endforeach()

add_library(gloro_compiled STATIC EXCLUDE_FROM_ALL ${units})
add_library(gloro::compiled ALIAS gloro_compiled)
set_target_properties(gloro_compiled PROPERTIES EXPORT_NAME compiled
  POSITION_INDEPENDENT_CODE ON UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 8)
target_compile_definitions(gloro_compiled PUBLIC GLORO_COMPILED=1 PRIVATE GLORO_COMPILING=1)
target_link_libraries(gloro_compiled PUBLIC gloro)
foreach(component zlib jpeg io)
  if(TARGET gloro_${component})
    target_link_libraries(gloro_compiled PRIVATE gloro_${component})
  endif()
endforeach()
gloro_program(gloro_compiled)
