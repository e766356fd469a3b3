# Packages of headers alone from /usr/include, for a cross compiler that must not see what else is there:
# linked into a folder of the build's, and /usr/include left out wherever a package names it.
foreach(package catch2 nlohmann CLI)
  if(EXISTS /usr/include/${package})
    file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/headers-alone)
    file(CREATE_LINK /usr/include/${package} ${CMAKE_BINARY_DIR}/headers-alone/${package} SYMBOLIC)
  endif()
endforeach()
include_directories(SYSTEM ${CMAKE_BINARY_DIR}/headers-alone)
list(APPEND CMAKE_CXX_IMPLICIT_INCLUDE_DIRECTORIES /usr/include)
