"""Holds the C++ in the documentation against the compiler: code.py COMPILER...

Each block of README.md and docs/*.md is a translation unit of its own, which is compiled but not linked.
COMPILER is the command, with its options. Without a block the check fails.
"""

import os
import re
import subprocess
import sys
import tempfile

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def blocks():
    pages = ["README.md"] + sorted(f"docs/{name}" for name in os.listdir(os.path.join(ROOT, "docs"))
                                   if name.endswith(".md"))
    for page in pages:
        with open(os.path.join(ROOT, page), encoding="utf-8") as file:
            text = file.read()
        for found in re.finditer(r"^``` ?cpp\n(.*?)^```$", text, flags=re.M | re.S):
            yield f"{page}:{text[:found.start()].count(chr(10)) + 1}", found[1]


def main():
    compiler, count, faults = sys.argv[1:], 0, 0
    if not compiler:
        raise SystemExit("usage: code.py COMPILER...")
    for place, code in blocks():
        count += 1
        with tempfile.NamedTemporaryFile("w", suffix=".cpp") as file:
            file.write(code)
            file.flush()
            result = subprocess.run(compiler + ["-fsyntax-only", file.name])
        faults += result.returncode != 0
        print(place, "compiles" if result.returncode == 0 else "DOES NOT COMPILE")
    if count == 0:
        raise SystemExit("no code was found")
    raise SystemExit(1 if faults else 0)


if __name__ == "__main__":
    main()
