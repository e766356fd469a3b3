# A port of vcpkg that builds the tree in which it lies:
#   vcpkg install gloro[io] --overlay-ports=packaging/vcpkg
get_filename_component(SOURCE_PATH "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

vcpkg_check_features(OUT_FEATURE_OPTIONS components
  FEATURES
    compiled GLORO_BUILD_COMPILED
    io GLORO_WITH_IO
    jpeg GLORO_WITH_JPEG
    png GLORO_WITH_PNG
    zlib GLORO_WITH_ZLIB)
if(NOT "compiled" IN_LIST FEATURES)
  set(VCPKG_BUILD_TYPE release)  # headers alone
endif()

vcpkg_cmake_configure(SOURCE_PATH "${SOURCE_PATH}"
  OPTIONS
    ${components}
    -DGLORO_BUILD_TESTS=OFF
    -DGLORO_BUILD_EXAMPLES=OFF
    -DGLORO_FETCH_DEPENDENCIES=OFF
    -DGLORO_WITH_BLAS=OFF
    -DGLORO_WITH_MPI=OFF
    -DGLORO_WITH_ONNX=OFF)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH lib/cmake/gloro)

file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include" "${CURRENT_PACKAGES_DIR}/debug/share"
  "${CURRENT_PACKAGES_DIR}/share/doc")
if(NOT "compiled" IN_LIST FEATURES)
  file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/lib")
endif()
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
