# 64-bit Windows from another machine: Debian's g++-mingw-w64-x86-64-posix builds, wine64 runs.
set(CMAKE_SYSTEM_NAME Windows)
set(CMAKE_SYSTEM_PROCESSOR AMD64)
set(CMAKE_CXX_COMPILER x86_64-w64-mingw32-g++-posix)
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)  # no DLL of the compiler's beside each program
find_program(GLORO_WINE NAMES wine64 wine PATHS /usr/lib/wine)  # which Debian leaves out of PATH
set(CMAKE_CROSSCOMPILING_EMULATOR env;WINEDEBUG=-all;${GLORO_WINE})

# Programs and packages of headers alone come from this machine, libraries only from the target's. Of its
# system headers nothing may be seen: packages that stand among them are linked into a folder of theirs.
set(CMAKE_FIND_ROOT_PATH /usr/x86_64-w64-mingw32)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_PROJECT_INCLUDE ${CMAKE_CURRENT_LIST_DIR}/headers-alone.cmake)
