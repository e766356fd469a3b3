"""What a user waits for: seconds of CPU, peak memory and size of units that include gloro, header-only and with
gloro::compiled, by GCC and Clang, without and with optimisation."""
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[2]
FORMS = {"header-only": [], "compiled": ["-DGLORO_COMPILED=1"]}
# Seconds of CPU with GCC at -O2, compiled: of a program, of an include beyond Eigen's Core.
PROGRAM_GOALS = {"README": 8, "embed": 5}
INCLUDE_GOALS = {"gloro/gloro.hpp": 2.5, "gloro/certify.hpp": 1.5}
MEMORY_GOAL = 600  # MB, of the README's program


def readme_program():
    text = (SOURCE / "README.md").read_text()
    return re.search(r"```cpp\n(#include <gloro/gloro\.hpp>.*?)```", text, re.S).group(1)


def compile_once(compiler, level, form, text, eigen, folder):
    """(seconds of CPU, MB at the peak, bytes of code and data)."""
    unit, made = folder / "unit.cpp", folder / "unit.o"
    unit.write_text(text)
    command = [compiler, "-std=c++20", level, *FORMS[form], "-I", SOURCE / "include",
               "-isystem", eigen, "-c", unit, "-o", made]
    process = subprocess.Popen(command, env=os.environ | {"CCACHE_DISABLE": "1"})
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"compare: {' '.join(map(str, command))}: ended with {process.returncode}")
    sizes = subprocess.run(["size", made], capture_output=True, text=True, check=True).stdout
    return (usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1e3,
            sum(map(int, sizes.splitlines()[1].split()[:2])))


def measure(report, compiler, eigen, rounds):
    programs = {"README": readme_program(),
                "embed": (SOURCE / "examples/embed/classify.cpp").read_text(),
                "gloro/gloro.hpp": "#include <Eigen/Core>\n#include <gloro/gloro.hpp>\n",
                "gloro/certify.hpp": "#include <Eigen/Core>\n#include <gloro/certify.hpp>\n",
                "Eigen/Core": "#include <Eigen/Core>\n"}
    compilers = [compiler] + [found for name in ("clang++", "clang++-14")
                              if "clang" not in compiler and (found := shutil.which(name))][:1]
    with tempfile.TemporaryDirectory() as name:
        for one in compilers:
            for level in ("-O0", "-O2"):
                row = {}
                for program, text in programs.items():
                    for form in FORMS:
                        runs = [compile_once(one, level, form, text, eigen, pathlib.Path(name))
                                for _ in range(rounds)]
                        row[program, form] = [statistics.median(run) for run in zip(*runs)]
                        seconds, memory, size = row[program, form]
                        report.row("Compile times", {
                            "unit": program, "form": form, "compiler": pathlib.Path(one).name,
                            "level": level, "CPU, s": seconds, "peak, MB": memory,
                            "object, kB": size / 1e3})
                if one == compiler and level == "-O2":
                    judge(report, row)


def judge(report, row):
    for program, goal in PROGRAM_GOALS.items():
        report.at_most(f"compile-{program}", row[program, "compiled"][0], goal)
    report.at_most("compile-README-memory", row["README", "compiled"][1], MEMORY_GOAL)
    for header, goal in INCLUDE_GOALS.items():
        more = row[header, "compiled"][0] - row["Eigen/Core", "compiled"][0]
        report.at_most(f"compile-{header}", more, goal)
