# A component is an optional target gloro::NAME: gloro::gloro plus outside packages.
# Inside the headers the macro GLORO_WITH_NAME says that a program links it.

if(PROJECT_IS_TOP_LEVEL)
  set(gloro_component_default AUTO)
else()
  set(gloro_component_default OFF)
endif()

# gloro_component(NAME PACKAGES package... TARGETS target... [HEADERS pattern...]
#                 [DEFINITIONS macro...] [REPOSITORY url TAG tag INCLUDE directory])
#
# PACKAGES and TARGETS pair up: the n-th package brings the n-th target. HEADERS are patterns of
# paths in include/gloro that cannot be included without the component, DEFINITIONS macros that come
# with it. GLORO_WITH_NAME decides: OFF leaves it out, ON demands it (fetching it if REPOSITORY is
# given), AUTO takes it if it is installed.
function(gloro_component name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "REPOSITORY;TAG;INCLUDE"
    "PACKAGES;TARGETS;HEADERS;DEFINITIONS")
  string(TOUPPER GLORO_WITH_${name} with)
  set(${with} ${gloro_component_default} CACHE STRING "Component gloro::${name}: AUTO, ON or OFF")
  set_property(CACHE ${with} PROPERTY STRINGS AUTO ON OFF)

  set(how)
  if(${with} AND NOT ${with} STREQUAL "AUTO")
    set(how REQUIRED)
    if(arg_REPOSITORY)
      list(APPEND how REPOSITORY ${arg_REPOSITORY} TAG ${arg_TAG} INCLUDE ${arg_INCLUDE})
    endif()
  endif()
  set(available ${${with}})
  foreach(package target IN ZIP_LISTS arg_PACKAGES arg_TARGETS)
    if(available)
      gloro_dependency(${package} ${target} ${how})
      if(NOT ${package}_FOUND)
        message(STATUS "gloro: no component ${name}, ${package} is not installed")
        set(available OFF)
      endif()
    endif()
  endforeach()
  if(NOT available)
    set_property(GLOBAL APPEND PROPERTY gloro_missing_headers ${arg_HEADERS})
    return()
  endif()

  add_library(gloro_${name} INTERFACE)
  add_library(gloro::${name} ALIAS gloro_${name})
  set_target_properties(gloro_${name} PROPERTIES EXPORT_NAME ${name})
  target_compile_definitions(gloro_${name} INTERFACE ${with}=1 ${arg_DEFINITIONS})
  target_link_libraries(gloro_${name} INTERFACE gloro ${arg_TARGETS})
  set_property(GLOBAL APPEND PROPERTY gloro_components ${name})
  set_property(GLOBAL PROPERTY gloro_${name}_packages ${arg_PACKAGES})
  set_property(GLOBAL PROPERTY gloro_${name}_targets ${arg_TARGETS})
endfunction()
