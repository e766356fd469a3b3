# A shared library that is fast on every x86-64 processor, from one set of sources: compiled also
# for x86-64-v2, -v3 and -v4 into the folders glibc-hwcaps/LEVEL beside it, where the dynamic loader
# of glibc 2.33 or later looks first. (Levels: System V ABI, AMD64 supplement, table 3.1.)
include_guard(GLOBAL)
include(CheckCXXCompilerFlag)

# gloro_portable_library(TARGET [DESTINATION directory])
#
# TARGET is a shared library whose properties are all set; its symbols become hidden, but for those
# marked as visible. Each level is a whole library with Eigen inside, and Eigen's types have another
# alignment in each: so what is visible must take and return none of them. The levels are installed
# below DESTINATION, which is where TARGET itself goes. Elsewhere than on x86-64 with Linux nothing
# is compiled twice.
function(gloro_portable_library target)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "DESTINATION" "")
  get_target_property(type ${target} TYPE)
  if(NOT type STREQUAL "SHARED_LIBRARY")
    message(FATAL_ERROR "gloro_portable_library: ${target} is no shared library")
  endif()
  set_target_properties(${target} PROPERTIES
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  if(NOT CMAKE_SYSTEM_NAME STREQUAL "Linux" OR NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64")
    return()
  endif()

  target_link_options(${target} PRIVATE LINKER:--exclude-libs,ALL
    LINKER:--version-script=${CMAKE_CURRENT_FUNCTION_LIST_DIR}/gloro-portable.map)
  foreach(level x86-64-v2 x86-64-v3 x86-64-v4)
    string(MAKE_C_IDENTIFIER GLORO_COMPILES_${level} compiles)
    check_cxx_compiler_flag(-march=${level} ${compiles})
    if(${compiles})
      gloro_library_for_level(${target} ${level} "${arg_DESTINATION}")
    endif()
  endforeach()
endfunction()

# The library of one level, a target TARGET-LEVEL: whatever TARGET is, with one option more.
function(gloro_library_for_level target level destination)
  set(variant ${target}-${level})
  get_target_property(folder ${target} SOURCE_DIR)
  get_target_property(sources ${target} SOURCES)
  list(TRANSFORM sources PREPEND ${folder}/ REGEX "^[^/$]")
  add_library(${variant} SHARED ${sources})

  foreach(property CXX_STANDARD CXX_STANDARD_REQUIRED CXX_EXTENSIONS CXX_VISIBILITY_PRESET
      VISIBILITY_INLINES_HIDDEN INTERPROCEDURAL_OPTIMIZATION OUTPUT_NAME DEFINE_SYMBOL PREFIX SUFFIX
      DEBUG_POSTFIX VERSION SOVERSION BUILD_RPATH INSTALL_RPATH INSTALL_RPATH_USE_LINK_PATH)
    get_target_property(value ${target} ${property})
    if(NOT value MATCHES "-NOTFOUND$")
      set_target_properties(${variant} PROPERTIES ${property} "${value}")
    elseif(property STREQUAL "OUTPUT_NAME")
      set_target_properties(${variant} PROPERTIES OUTPUT_NAME ${target})
    elseif(property STREQUAL "DEFINE_SYMBOL")
      set_target_properties(${variant} PROPERTIES DEFINE_SYMBOL ${target}_EXPORTS)
    endif()
  endforeach()
  foreach(property INCLUDE_DIRECTORIES COMPILE_DEFINITIONS COMPILE_FEATURES COMPILE_OPTIONS
      LINK_DIRECTORIES LINK_OPTIONS)
    set_target_properties(${variant} PROPERTIES
      ${property} "$<TARGET_PROPERTY:${target},${property}>")
  endforeach()
  target_link_libraries(${variant} PRIVATE $<TARGET_PROPERTY:${target},LINK_LIBRARIES>)
  target_compile_options(${variant} PRIVATE -march=${level})
  # GCC 12 calls the undefined vectors of its own AVX-512 header uninitialised (GCC bug 105593).
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
    target_compile_options(${variant} PRIVATE -Wno-uninitialized -Wno-maybe-uninitialized)
  endif()

  set_target_properties(${variant} PROPERTIES
    LIBRARY_OUTPUT_DIRECTORY $<TARGET_FILE_DIR:${target}>/glibc-hwcaps/${level})
  add_dependencies(${target} ${variant})
  if(destination)
    install(TARGETS ${variant}
      LIBRARY DESTINATION ${destination}/glibc-hwcaps/${level} NAMELINK_SKIP)
  endif()
endfunction()
