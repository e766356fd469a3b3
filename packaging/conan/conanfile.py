"""A recipe of Conan 2 that packs the tree in which it lies: conan create packaging/conan"""

import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load


class Gloro(ConanFile):
    name = "gloro"
    description = "Trains and certifies globally-robust neural networks"
    license = "MIT"
    topics = ("certified-robustness", "neural-networks", "lipschitz")
    package_type = "static-library"
    settings = "os", "arch", "compiler", "build_type"
    # compiled: the library compiled once, gloro::compiled, beside the headers
    options = {name: [True, False] for name in ("compiled", "io", "jpeg", "png", "zlib")}
    default_options = {"compiled": True, "io": True, "jpeg": False, "png": False, "zlib": True}

    @property
    def _tree(self):
        return os.path.join(self.recipe_folder, "..", "..")

    def set_version(self):
        header = load(self, os.path.join(self._tree, "include", "gloro", "version.hpp"))
        self.version = re.search(r'GLORO_VERSION "(.*)"', header).group(1)

    def export_sources(self):
        for pattern in ("CMakeLists.txt", "LICENSE", "cmake/*", "include/*"):
            copy(self, pattern, self._tree, self.export_sources_folder)

    def layout(self):
        cmake_layout(self)

    def requirements(self):
        self.requires("eigen/3.4.0", transitive_headers=True)
        if self.options.io:
            self.requires("nlohmann_json/3.11.3", transitive_headers=True)
        if self.options.jpeg:
            self.requires("libjpeg/9e", transitive_headers=True)
        if self.options.png:
            self.requires("libpng/[>=1.6 <2]", transitive_headers=True)
        if self.options.zlib:
            self.requires("zlib/[>=1.2.11 <2]", transitive_headers=True)

    def validate(self):
        check_min_cppstd(self, 20)

    def generate(self):
        CMakeDeps(self).generate()
        toolchain = CMakeToolchain(self)
        toolchain.cache_variables.update({
            "GLORO_BUILD_COMPILED": bool(self.options.compiled),
            "GLORO_WITH_IO": "ON" if self.options.io else "OFF",
            "GLORO_WITH_JPEG": "ON" if self.options.jpeg else "OFF",
            "GLORO_WITH_PNG": "ON" if self.options.png else "OFF",
            "GLORO_WITH_ZLIB": "ON" if self.options.zlib else "OFF",
            "GLORO_BUILD_TESTS": False,
            "GLORO_BUILD_EXAMPLES": False,
            "GLORO_FETCH_DEPENDENCIES": False,
            "GLORO_WITH_BLAS": "OFF",
            "GLORO_WITH_MPI": "OFF",
            "GLORO_WITH_ONNX": "OFF",
        })
        toolchain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        CMake(self).install()

    def package_id(self):
        if not self.info.options.compiled:
            self.info.clear()

    def package_info(self):
        # The package that gloro installs for CMake, with all its components.
        self.cpp_info.set_property("cmake_find_mode", "none")
        self.cpp_info.builddirs = [os.path.join("lib", "cmake", "gloro")]
