# Installs the headers and a package for find_package(gloro CONFIG [COMPONENTS ...]).
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/gloro)
install(DIRECTORY include/gloro TYPE INCLUDE FILES_MATCHING PATTERN "*.hpp" PATTERN "*.ipp")
install(TARGETS gloro EXPORT gloro)
install(EXPORT gloro FILE gloro-targets.cmake NAMESPACE gloro:: DESTINATION ${package_dir})

# Each component is a file of its own, so that a consumer needs only the packages it asks for.
set(gloro_component_packages "")
get_property(components GLOBAL PROPERTY gloro_components)
foreach(name IN LISTS components)
  install(TARGETS gloro_${name} EXPORT gloro-${name})
  install(EXPORT gloro-${name} FILE gloro-${name}.cmake NAMESPACE gloro::
    DESTINATION ${package_dir})
  get_property(packages GLOBAL PROPERTY gloro_${name}_packages)
  string(APPEND gloro_component_packages "set(gloro_${name}_packages \"${packages}\")\n")
endforeach()

# The compiled library, static and shared, is a component of the package too.
if(GLORO_BUILD_COMPILED)
  install(TARGETS gloro_compiled gloro_compiled_shared EXPORT gloro-compiled)
  install(EXPORT gloro-compiled FILE gloro-compiled.cmake NAMESPACE gloro::
    DESTINATION ${package_dir})
  string(APPEND gloro_component_packages "set(gloro_compiled_packages \"${gloro_compiled_packages}\")\n")
endif()

configure_package_config_file(cmake/gloro-config.cmake.in ${PROJECT_BINARY_DIR}/gloro-config.cmake
  INSTALL_DESTINATION ${package_dir})
# Headers alone serve every word size, a library its own.
set(gloro_any_architecture ARCH_INDEPENDENT)
if(GLORO_BUILD_COMPILED)
  set(gloro_any_architecture "")
endif()
write_basic_package_version_file(${PROJECT_BINARY_DIR}/gloro-config-version.cmake
  COMPATIBILITY SameMinorVersion ${gloro_any_architecture})
install(FILES ${PROJECT_BINARY_DIR}/gloro-config.cmake
  ${PROJECT_BINARY_DIR}/gloro-config-version.cmake DESTINATION ${package_dir})
