# The project where a package is missing: configured anew for each, with the package hidden.
if(CMAKE_CROSSCOMPILING)
  return()
endif()

# gloro_test_hidden(PACKAGE TARGET COMPONENT [BESIDE package target] [BUILD target...])
#
# Without PACKAGE, of which a careless find module leaves TARGET behind all the same, there is no
# COMPONENT (or program), everything else is configured, the targets BUILD compile, and a build that
# demands the component says what it needs. What the component needs BESIDE it is there, whether this
# machine has it or not.
function(gloro_test_hidden package target component)
  cmake_parse_arguments(PARSE_ARGV 3 arg "" "" "BESIDE;BUILD")
  set(test "components/Without ${package} there is no ${component} and the rest builds")
  add_test(NAME ${test} COMMAND ${CMAKE_COMMAND}
    -D "package=${package}" -D "target=${target}" -D "component=${component}"
    -D "beside=${arg_BESIDE}" -D "build=${arg_BUILD}" -D "source=${PROJECT_SOURCE_DIR}"
    -D "work=${CMAKE_CURRENT_BINARY_DIR}/components/${package}"
    -D "generator=${CMAKE_GENERATOR}" -D "compiler=${CMAKE_CXX_COMPILER}"
    -D "launcher=${CMAKE_CXX_COMPILER_LAUNCHER}" -D "prefix_path=${CMAKE_PREFIX_PATH}"
    -P ${PROJECT_SOURCE_DIR}/tests/components/configure-without.cmake)
  set_tests_properties(${test} PROPERTIES LABELS build TIMEOUT 600)
endfunction()

gloro_test_hidden(ZLIB ZLIB::ZLIB zlib BUILD gloro_command_data)
gloro_test_hidden(JPEG JPEG::JPEG jpeg)
gloro_test_hidden(PNG PNG::PNG png BUILD gloro_command_data)
gloro_test_hidden(nlohmann_json nlohmann_json::nlohmann_json io BUILD schedule)
gloro_test_hidden(Protobuf protobuf::libprotobuf onnx)
gloro_test_hidden(ONNX onnx_proto onnx BUILD gloro_command_export BESIDE Protobuf protobuf::libprotobuf)
gloro_test_hidden(MPI MPI::MPI_CXX mpi BUILD gloro_command_train)
gloro_test_hidden(BLAS BLAS::BLAS blas)
gloro_test_hidden(CLI11 CLI11::CLI11 "program gloro")
