# The kernels of gloro::compiled, for each level of x86-64 (include/gloro/kernels/level.hpp).
include_guard(GLOBAL)
include(CheckCXXCompilerFlag)

# gloro_kernel_levels(LEVELS OBJECTS): sets LEVELS to the names and OBJECTS to an object file for each; or both
# to nothing where the kernels are compiled once, as all the rest: elsewhere, or where the flags name an
# instruction set already. The inline functions of Eigen and of the standard library in such a file may be
# run on no other processor, and the linker would merge them with those of other units: so the file is
# joined, which ends the groups that are merged, and all its symbols but one made local.
function(gloro_kernel_levels levels objects)
  set(${levels} "" PARENT_SCOPE)
  set(${objects} "" PARENT_SCOPE)
  string(TOUPPER "${CMAKE_BUILD_TYPE}" build_type)
  if(NOT CMAKE_SYSTEM_NAME STREQUAL "Linux" OR NOT CMAKE_SYSTEM_PROCESSOR MATCHES "x86_64|AMD64"
      OR NOT CMAKE_SIZEOF_VOID_P EQUAL 8 OR NOT CMAKE_OBJCOPY
      OR "${CMAKE_CXX_FLAGS} ${CMAKE_CXX_FLAGS_${build_type}}" MATCHES "-flto|-m(arch=|avx|fma|sse4)"
      OR CMAKE_INTERPROCEDURAL_OPTIMIZATION)
    return()
  endif()
  set(names x86-64 x86-64-v2 x86-64-v3 x86-64-v4)
  foreach(level IN LISTS names)
    string(MAKE_C_IDENTIFIER GLORO_COMPILES_${level} compiles)
    check_cxx_compiler_flag(-march=${level} ${compiles})
    if(NOT ${compiles})
      return()
    endif()
  endforeach()

  # GCC gives what must be unique in a program a kind of symbol that cannot be made local.
  check_cxx_compiler_flag(-fno-gnu-unique GLORO_COMPILES_no_gnu_unique)
  set(local $<$<BOOL:${GLORO_COMPILES_no_gnu_unique}>:-fno-gnu-unique>)
  set(folder ${PROJECT_BINARY_DIR}/compiled)
  foreach(level IN LISTS names)
    string(MAKE_C_IDENTIFIER gloro_kernels_${level} table)
    file(CONFIGURE OUTPUT ${folder}/${table}.cpp
      CONTENT "#define GLORO_LEVEL ${table}\n#include <gloro/kernels/detail/level_unit.hpp>\n")
    add_library(${table} OBJECT EXCLUDE_FROM_ALL ${folder}/${table}.cpp)
    set_target_properties(${table} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    target_compile_definitions(${table} PRIVATE GLORO_COMPILED=1)
    target_link_libraries(${table} PRIVATE gloro)
    gloro_program(${table})
    gloro_march(${table} ${level})
    target_compile_options(${table} PRIVATE ${local})
    add_custom_command(OUTPUT ${folder}/${table}.o
      COMMAND ${CMAKE_CXX_COMPILER} -r -nostdlib -Wl,--force-group-allocation
        $<TARGET_OBJECTS:${table}> -o ${folder}/${table}.joined.o
      COMMAND ${CMAKE_OBJCOPY} --keep-global-symbol=${table} ${folder}/${table}.joined.o
        ${folder}/${table}.o
      DEPENDS ${table} $<TARGET_OBJECTS:${table}> VERBATIM)
    list(APPEND made ${folder}/${table}.o)
  endforeach()
  add_custom_target(gloro_levels DEPENDS ${made})  # once, however many libraries take them
  set_source_files_properties(${made} PROPERTIES EXTERNAL_OBJECT ON GENERATED ON)
  set(${levels} ${names} PARENT_SCOPE)
  set(${objects} ${made} PARENT_SCOPE)
endfunction()
