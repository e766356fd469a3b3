# gloro::compiled, a static library, and gloro::compiled_shared: the library compiled once. A program links
# one of them in place of gloro::gloro; headers and names stay the same. The sources are the .ipp files of the
# headers, one unit each, those of components among them where the component is there.
option(GLORO_BUILD_COMPILED "Build and install gloro::compiled and gloro::compiled_shared, asked for or not"
  ${PROJECT_IS_TOP_LEVEL})

get_property(missing GLOBAL PROPERTY gloro_missing_headers)
file(GLOB_RECURSE bodies CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR}/include
  ${PROJECT_SOURCE_DIR}/include/gloro/*.ipp)
foreach(pattern IN LISTS missing)
  list(FILTER bodies EXCLUDE REGEX "^gloro/${pattern}")
endforeach()
include(${CMAKE_CURRENT_LIST_DIR}/levels.cmake)
gloro_kernel_levels(gloro_levels kernels)
if(gloro_levels)  # each has the bodies that its unit includes, and the library the way to them
  file(STRINGS ${PROJECT_SOURCE_DIR}/include/gloro/kernels/detail/level_unit.hpp of_levels
    REGEX "^#include .*\\.ipp\"")
  list(TRANSFORM of_levels REPLACE "#include \"(.*)\"" "\\1")
  list(REMOVE_ITEM bodies ${of_levels})
else()
  list(REMOVE_ITEM bodies gloro/kernels/detail/dispatch.ipp)
endif()
set(units)
foreach(body IN LISTS bodies)
  file(CONFIGURE OUTPUT compiled/${body}.cpp CONTENT "#include <${body}>\n")
  list(APPEND units ${PROJECT_BINARY_DIR}/compiled/${body}.cpp)
endforeach()

add_library(gloro_objects OBJECT EXCLUDE_FROM_ALL ${units})
set_target_properties(gloro_objects PROPERTIES POSITION_INDEPENDENT_CODE ON UNITY_BUILD ON
  UNITY_BUILD_BATCH_SIZE 8)
target_compile_definitions(gloro_objects PRIVATE GLORO_COMPILED=1 GLORO_COMPILING=1)
if(gloro_levels)
  target_compile_definitions(gloro_objects PRIVATE GLORO_LEVELS=1)
endif()
target_link_libraries(gloro_objects PRIVATE gloro)
gloro_program(gloro_objects)

add_library(gloro_compiled STATIC $<TARGET_OBJECTS:gloro_objects> ${kernels})
add_library(gloro_compiled_shared SHARED $<TARGET_OBJECTS:gloro_objects> ${kernels})
set_target_properties(gloro_compiled_shared PROPERTIES VERSION ${PROJECT_VERSION}
  SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR})
foreach(library compiled compiled_shared)
  add_library(gloro::${library} ALIAS gloro_${library})
  set_target_properties(gloro_${library} PROPERTIES EXPORT_NAME ${library} OUTPUT_NAME gloro
    LINKER_LANGUAGE CXX EXCLUDE_FROM_ALL $<NOT:$<BOOL:${GLORO_BUILD_COMPILED}>>)
  target_compile_definitions(gloro_${library} INTERFACE GLORO_COMPILED=1)
  target_link_libraries(gloro_${library} PUBLIC gloro)
  if(TARGET gloro_levels)
    add_dependencies(gloro_${library} gloro_levels)
  endif()
endforeach()

# What bodies of a component need is needed by the library; what its headers need, by those who ask for it.
set(gloro_compiled_packages)
foreach(component IN ITEMS zlib jpeg png io)
  if(NOT TARGET gloro_${component})
    continue()
  endif()
  target_link_libraries(gloro_objects PRIVATE gloro_${component})
  get_property(targets GLOBAL PROPERTY gloro_${component}_targets)
  get_property(packages GLOBAL PROPERTY gloro_${component}_packages)
  if(NOT component STREQUAL "io")  # nlohmann-json is headers alone
    list(APPEND gloro_compiled_packages ${packages})
    target_link_libraries(gloro_compiled PRIVATE ${targets})
    target_link_libraries(gloro_compiled_shared PRIVATE ${targets})
  endif()
endforeach()
