# Compiles each case of refused.cpp and looks for its words in what the compiler says.
#   cmake -D compiler=... -D include=... -D eigen=... -D work=... -P compile.cmake
# What refuses stands in the interfaces, and so no bodies are shown; and they are parsed once for all cases.
cmake_minimum_required(VERSION 3.22)
set(source ${CMAKE_CURRENT_LIST_DIR}/refused.cpp)
set(command ${compiler} -std=c++20 -DGLORO_COMPILED=1 -I ${include} -isystem ${eigen})
set(headers ${work}/headers.hpp)
file(STRINGS ${source} includes REGEX "^#include <gloro/")
list(JOIN includes "\n" includes)
file(CONFIGURE OUTPUT ${headers} CONTENT "${includes}\n" @ONLY)
execute_process(COMMAND ${command} -x c++-header ${headers} -o ${headers}.gch COMMAND_ERROR_IS_FATAL ANY)

# compile(CASE): sets code and said.
function(compile case)
  execute_process(
    COMMAND ${command} -include ${headers} -fsyntax-only -DCASE=${case} ${source}
    RESULT_VARIABLE code OUTPUT_VARIABLE said ERROR_VARIABLE said)
  set(code ${code} PARENT_SCOPE)
  set(said "${said}" PARENT_SCOPE)
endfunction()

compile(0)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "the program without a mistake does not compile:\n${said}")
endif()

file(STRINGS ${source} cases REGEX "CASE == [0-9]+ +// says: ")
list(LENGTH cases count)
file(STRINGS ${source} promised REGEX "// says: ")  # a line that was broken in two would go unread
list(LENGTH promised promises)
if(count LESS 10 OR NOT count EQUAL promises)
  message(FATAL_ERROR "${count} cases were found in ${source}, and ${promises} lines that say")
endif()
foreach(line IN LISTS cases)
  string(REGEX REPLACE ".*CASE == ([0-9]+) +// says: (.*)$" "\\1" case "${line}")
  string(REGEX REPLACE ".*CASE == ([0-9]+) +// says: (.*)$" "\\2" words "${line}")
  compile(${case})
  string(FIND "${said}" "${words}" at)
  if(code EQUAL 0)
    message(SEND_ERROR "case ${case} compiles")
  elseif(at EQUAL -1)
    message(SEND_ERROR "case ${case} is refused without the words \"${words}\":\n${said}")
  endif()
endforeach()
message(STATUS "${count} mistakes named")
