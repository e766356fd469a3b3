# Tests with other programs: PyTorch, the ONNX checker, onnxruntime, and `gloro certify`. They
# are skipped where those are missing; where they are there, they must agree.
if(DEFINED ENV{GLORO_ONNXRUNTIME})
  set(onnxruntime $ENV{GLORO_ONNXRUNTIME})
else()
  set(onnxruntime ${PROJECT_BINARY_DIR}/node_modules)
endif()
set(GLORO_ONNXRUNTIME ${onnxruntime}
  CACHE PATH "Folder that holds npm's onnxruntime-node, for the tests")

# Debian's own Python has python3-torch and python3-onnx; another first in the path may not.
find_program(GLORO_TEST_PYTHON NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
find_program(GLORO_TEST_PYTHON NAMES python3)

# gloro_python_test(NAME SCRIPT [ARGUMENT...]): a ctest that runs io/SCRIPT; exit code 77: skipped.
function(gloro_python_test name script)
  add_test(NAME "python/${name}"
    COMMAND ${GLORO_TEST_PYTHON} ${PROJECT_SOURCE_DIR}/tests/io/${script} ${ARGN})
  set_tests_properties("python/${name}" PROPERTIES LABELS python TIMEOUT 600
    SKIP_RETURN_CODE 77)
endfunction()

if(GLORO_TEST_PYTHON AND TARGET gloro::io)
  add_executable(exchange io/exchange.cpp)
  target_include_directories(exchange PRIVATE ${CMAKE_CURRENT_LIST_DIR}/..)
  target_link_libraries(exchange PRIVATE ${gloro_library} gloro::io)
  gloro_program(exchange ${gloro_native})
  gloro_python_test("A saved network gives the same logits in PyTorch"
    pytorch_test.py $<TARGET_FILE:exchange> to_pytorch)
  gloro_python_test("A network trained in PyTorch gives the same logits here"
    pytorch_test.py $<TARGET_FILE:exchange> from_pytorch)
  gloro_python_test("A file made in PyTorch answers as the network that it was made of"
    pytorch_test.py $<TARGET_FILE:exchange> as_it_answers)
  gloro_python_test("A module with a forward of its own is traced in PyTorch and answers alike here"
    pytorch_test.py $<TARGET_FILE:exchange> traced)
  gloro_python_test("A network that a file cannot tell of is refused in PyTorch before there is a file"
    pytorch_test.py $<TARGET_FILE:exchange> refusals)
  gloro_python_test("A damaged model file is refused in PyTorch as it is here"
    pytorch_test.py $<TARGET_FILE:exchange> damage)
  if(GLORO_BUILD_EXAMPLES)
    gloro_python_test("gloro certify says what a script can use"
      certify_test.py ${PROJECT_BINARY_DIR}/gloro $<TARGET_FILE:exchange>
      ${GLORO_TEST_DATA}/mnist)
  endif()
endif()

if(GLORO_TEST_PYTHON AND TARGET gloro::onnx AND TARGET gloro::io)
  add_executable(onnx_export io/onnx_export.cpp)
  target_include_directories(onnx_export PRIVATE ${CMAKE_CURRENT_LIST_DIR}/..)
  target_link_libraries(onnx_export PRIVATE ${gloro_library} gloro::io gloro::onnx
    $<TARGET_NAME_IF_EXISTS:gloro::zlib>)
  gloro_program(onnx_export ${gloro_native})
  gloro_python_test("An exported network says the same in onnxruntime"
    onnx_test.py $<TARGET_FILE:onnx_export> ${GLORO_ONNXRUNTIME} ${GLORO_TEST_DATA}/mnist)
endif()

# ONNX's own tests of its operators, from Debian's libonnx-testdata.
set(GLORO_ONNX_TESTDATA /usr/share/libonnx-testdata/data
  CACHE PATH "Folder with the data of ONNX's own tests")
if(GLORO_TEST_PYTHON AND TARGET gloro::onnx)
  add_executable(onnx_import io/onnx_import.cpp)
  target_link_libraries(onnx_import PRIVATE ${gloro_library} gloro::onnx)
  gloro_program(onnx_import ${gloro_native})
  gloro_python_test("Every operator of ONNX that is taken says what ONNX's own tests say"
    onnx_nodes_test.py $<TARGET_FILE:onnx_import> ${GLORO_ONNX_TESTDATA})
  gloro_python_test("A network of PyTorch brought in through ONNX says what it says in onnxruntime"
    onnx_import_test.py $<TARGET_FILE:onnx_import> ${GLORO_ONNXRUNTIME} 1000)
endif()
