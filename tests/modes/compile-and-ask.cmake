# Compiles ask.cpp, and certify.cpp where a mode once gave a false answer, with one set of options after
# the other; stops at the first that is neither refused in gloro's words nor right where it may be.
cmake_minimum_required(VERSION 3.22)
file(MAKE_DIRECTORY ${work})
set(asked 0)

# expect(OUTCOME PROGRAM [option...]): OUTCOME is a regular expression of what the compiler or the
# program says.
function(expect outcome program)
  list(JOIN ARGN " " options)
  execute_process(COMMAND ${compiler} -std=c++20 -O2 ${ARGN} -w -pthread -I${include} -isystem ${eigen}
      ${CMAKE_CURRENT_LIST_DIR}/${program}.cpp -o ${work}/${program}
    RESULT_VARIABLE code OUTPUT_VARIABLE said ERROR_VARIABLE said)
  if(code EQUAL 0)
    execute_process(COMMAND ${work}/${program} RESULT_VARIABLE code OUTPUT_VARIABLE said
      ERROR_VARIABLE said)
    if(NOT code EQUAL 0)
      message(FATAL_ERROR "${program} with ${options}: ended with ${code}\n${said}")
    endif()
  endif()
  if(NOT said MATCHES "${outcome}")
    message(FATAL_ERROR "${program} with ${options}: expected ${outcome}, got\n${said}")
  endif()
  string(REGEX MATCH "${outcome}" said "${said}")
  message(STATUS "${program} ${options}: ${said}")
  math(EXPR asked "${asked} + 1")
  set(asked ${asked} PARENT_SCOPE)
endfunction()

execute_process(COMMAND ${compiler} --version OUTPUT_VARIABLE version COMMAND_ERROR_IS_FATAL ANY)
set(order "refused: .*another order")
set(quotient "refused: .*reciprocal")
set(headers "error: .*gloro's certificates need")

# These do no harm: they forbid what the proofs do not need, or allow what they cover.
foreach(option -O0 -O1 -O2 -O3 -ffp-contract=fast -ffp-contract=off -frounding-math
    -fno-trapping-math -fno-math-errno -fno-signed-zeros -fwrapv)
  expect("right" ask ${option})
endforeach()
# These do, and some define no macro.
expect(${headers} ask -ffast-math)
expect(${headers} ask -ffinite-math-only)
expect(${headers} ask -Ofast)
expect(${order} ask -ffast-math -fno-finite-math-only)
expect(${order} ask -funsafe-math-optimizations)
expect(${order} ask -fassociative-math -fno-signed-zeros -fno-trapping-math)
expect(${quotient} ask -freciprocal-math)
if(version MATCHES clang)
  expect("refused: .*NaN is taken" ask -fno-honor-nans)
  expect("refused: .*(infinity|NaN) is taken" ask -fno-honor-infinities)
  expect("error: .*gloro's|refused: " ask -ffp-model=fast)
  expect("right" ask -ffp-model=strict)
  expect("refused: .*NaN is taken" certify -fno-honor-nans)
else()
  expect("error: .*gloro's constants" ask -fsingle-precision-constant)
  if(processor MATCHES "x86_64|AMD64|i.86")
    expect("error: .*gloro's certificates need registers" ask -mfpmath=387)
  endif()
  expect(${order} certify -O1 -funsafe-math-optimizations)
  expect("right" certify -O0 -DEIGEN_DEFAULT_TO_ROW_MAJOR)
endif()

# The fault of one unit is everybody's: templates are shared.
if(asked LESS 20)
  message(FATAL_ERROR "Only ${asked} sets of options were tried")
endif()
