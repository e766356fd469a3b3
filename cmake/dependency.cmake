# A dependency is looked for first and fetched only where it is missing.

# gloro_dependency(PACKAGE TARGET [REQUIRED] [REPOSITORY url TAG tag INCLUDE directory])
#
# Makes TARGET available to every directory of the build: as it is if the surrounding project has
# it, else from find_package(PACKAGE), else, if it may be fetched, as the header-only library in
# the repository's INCLUDE directory. Sets PACKAGE_FOUND in the caller's scope; without REQUIRED it
# may be false. A target alone says nothing: FindMPI, for one, makes its target of nothing too.
function(gloro_dependency package target)
  cmake_parse_arguments(PARSE_ARGV 2 arg "REQUIRED" "REPOSITORY;TAG;INCLUDE" "")
  get_property(missing GLOBAL PROPERTY gloro_missing_packages)
  if(TARGET ${target} AND NOT package IN_LIST missing)
    set(${package}_FOUND TRUE PARENT_SCOPE)
    return()
  endif()
  find_package(${package} QUIET)
  if(${package}_FOUND AND TARGET ${target})
    # Found targets are local to this directory: a consumer above it needs them too.
    get_target_property(imported ${target} IMPORTED)
    if(imported)
      set_target_properties(${target} PROPERTIES IMPORTED_GLOBAL ON)
    endif()
  elseif(GLORO_FETCH_DEPENDENCIES AND arg_REPOSITORY)
    message(STATUS "gloro: fetching ${package} ${arg_TAG}")
    include(FetchContent)
    # Headers only: the package's own build stays out of ours, hence a folder that does not exist.
    FetchContent_Declare(${package} GIT_REPOSITORY ${arg_REPOSITORY} GIT_TAG ${arg_TAG}
      GIT_SHALLOW ON SOURCE_SUBDIR not-built)
    FetchContent_MakeAvailable(${package})
    FetchContent_GetProperties(${package} SOURCE_DIR source)
    if(NOT TARGET ${target})
      add_library(${target} INTERFACE IMPORTED GLOBAL)
    endif()
    target_include_directories(${target} INTERFACE ${source}/${arg_INCLUDE})
  elseif(arg_REQUIRED)
    message(FATAL_ERROR "gloro needs ${package}, and find_package did not find it. Install it, "
      "set CMAKE_PREFIX_PATH, or allow GLORO_FETCH_DEPENDENCIES.")
  else()
    set_property(GLOBAL APPEND PROPERTY gloro_missing_packages ${package})
    set(${package}_FOUND FALSE PARENT_SCOPE)
    return()
  endif()
  set(${package}_FOUND TRUE PARENT_SCOPE)
endfunction()
