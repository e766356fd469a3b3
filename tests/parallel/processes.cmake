# `gloro train` under mpirun: the same bits for any number of processes, one that is killed,
# some that were not started alike. Skipped where MPI, Python or MNIST is missing.
if(NOT GLORO_TEST_PYTHON OR NOT TARGET gloro::mpi OR NOT TARGET gloro-program OR NOT MPIEXEC_EXECUTABLE)
  return()
endif()

# gloro_mpi_test(NAME CASE): a ctest that runs a case of mpi_test.py, alone: it has processes enough.
function(gloro_mpi_test name case)
  add_test(NAME "mpirun/${name}"
    COMMAND ${GLORO_TEST_PYTHON} ${PROJECT_SOURCE_DIR}/tests/parallel/mpi_test.py ${case}
      $<TARGET_FILE:gloro-program> ${MPIEXEC_EXECUTABLE} ${GLORO_TEST_DATA}/mnist)
  set_tests_properties("mpirun/${name}" PROPERTIES LABELS mpirun TIMEOUT 300
    SKIP_RETURN_CODE 77 RUN_SERIAL ON)
endfunction()

gloro_mpi_test("One, two and four processes train the same model to the same SHA-256" same_bits)
gloro_mpi_test("A killed process ends the others, and the run is resumed to the same bits" killed)
gloro_mpi_test("Processes that were not started alike refuse to begin" refused)
