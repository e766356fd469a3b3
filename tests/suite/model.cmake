# A model of examples/models against its card beside it: the file is the one that was measured, and its first
# 1,000 test images give the figures that are written there.
#   cmake -D gloro=... -D model=....safetensors -D data=... -P model.cmake
cmake_minimum_required(VERSION 3.22)
cmake_path(REPLACE_EXTENSION model LAST_ONLY md OUTPUT_VARIABLE card)
file(READ ${card} text)

# read(NAME REGEX): the card's rows whose first cell is NAME; its groups in NAME_1, NAME_2.
function(read name row)
  if(NOT text MATCHES "\n\\| ${row} \\|\n")
    message(FATAL_ERROR "${card}: expected a row '${row}'")
  endif()
  set(${name}_1 ${CMAKE_MATCH_1} PARENT_SCOPE)
  set(${name}_2 ${CMAKE_MATCH_2} PARENT_SCOPE)
endfunction()

read(dataset "data set \\| ([a-z0-9-]+)")
read(sum "SHA-256 \\| `([0-9a-f]+)`")
read(first "first 1,000 images: clean, VRA \\| ([0-9.]+) %, ([0-9.]+) %")

file(SHA256 ${model} its_sum)
if(NOT its_sum STREQUAL sum_1)
  message(FATAL_ERROR "${model} has SHA-256 ${its_sum}, its card says ${sum_1}")
endif()
execute_process(COMMAND ${gloro} certify ${model} --dataset ${dataset_1} --data ${data}/${dataset_1} --limit 1000
  OUTPUT_VARIABLE found COMMAND_ERROR_IS_FATAL ANY)
if(NOT found MATCHES "^1000 images of [^\n]*, clean accuracy ${first_1} %\n[^%]* ${first_2} % ")
  message(FATAL_ERROR "${card} says of the first 1,000 images: clean ${first_1} %, VRA ${first_2} %; "
    "certify says:\n${found}")
endif()
message(STATUS "clean ${first_1} %, VRA ${first_2} %")
