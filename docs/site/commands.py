"""Runs the commands of a page as a reader would, from the top of the repository: commands.py PAGE [FROM TO]...

Blocks of sh and Python run one after the other in one shell; the first that fails ends it. A block without a
language is what the block before it prints: it must come in that output, numbers to four digits, since other
processors round otherwise. Each FROM in a command is replaced by TO, to shorten a training, say.
"""

import os
import re
import subprocess
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))


def blocks(page):
    with open(page, encoding="utf-8") as file:
        return re.findall(r"^``` ?(\w*)\n(.*?)^```$", file.read(), flags=re.M | re.S)


def same(wanted, found):
    try:
        return abs(float(wanted) - float(found)) <= 1e-4 * abs(float(wanted))
    except ValueError:
        return wanted == found


def words(text):
    return re.findall(r"-?\d+(?:\.\d+)?|[^\s\d]+", text)


def is_printed(wanted, output):
    wanted, output = words(wanted), words(output)
    return any(all(map(same, wanted, output[at:])) for at in range(len(output) - len(wanted) + 1))


def main():
    page, changes, output, ran = sys.argv[1], sys.argv[2:], "", 0
    for language, text in blocks(page):
        if language in ("sh", "python"):
            for old, new in zip(changes[::2], changes[1::2]):
                text = text.replace(old, new)
            print(text, flush=True)
            program = ["bash", "-euo", "pipefail"] if language == "sh" else ["python3", "-"]
            done = subprocess.run(program, input=text, cwd=ROOT, text=True, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
            output, ran = done.stdout, ran + 1
            print(output, flush=True)
            if done.returncode != 0:
                raise SystemExit(f"{page}: a command ends with {done.returncode}")
            for line, number in re.findall(r"^(.*\S) +# (\d+)$", text, flags=re.M):
                if not is_printed(number, output):
                    raise SystemExit(f"{page}: {line} does not print {number}")
        elif language == "" and not is_printed(text, output):
            raise SystemExit(f"{page}: the command before it does not print\n{text}")
    if ran == 0:
        raise SystemExit(f"{page}: no commands")


if __name__ == "__main__":
    main()
