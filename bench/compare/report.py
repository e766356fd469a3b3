"""What a comparison says: the facts of the machine, a line for each goal, tables in Markdown."""
import json
import pathlib
import platform
import shlex
import subprocess


class Report:
    def __init__(self):
        self.facts, self.goals, self.tables = {}, [], {}

    def fact(self, name, value):
        self.facts[name] = value

    def at_least(self, name, value, goal):
        self._goal(name, value, goal, value >= goal, "at least")

    def at_most(self, name, value, goal):
        self._goal(name, value, goal, value <= goal, "at most")

    def _goal(self, name, value, goal, is_met, direction):
        print(f"ratio {name} {value:.3g} goal {goal:g}", flush=True)
        self.goals.append({"what": name, "measured": f"{value:.3g}",
                           "goal": f"{direction} {goal:g}", "met": "yes" if is_met else "no"})

    def row(self, table, row):
        self.tables.setdefault(table, []).append(row)

    def markdown(self):
        text = "".join(f"- {name}: {value}\n" for name, value in self.facts.items())
        for title, rows in (self.tables | {"Goals": self.goals}).items():
            columns = list(dict.fromkeys(name for row in rows for name in row))
            lines = [columns, ["---"] * len(columns)]
            lines += [[spelled(row.get(name, "")) for name in columns] for row in rows]
            text += f"\n### {title}\n\n" + "".join(f"| {' | '.join(line)} |\n" for line in lines)
        return text


def spelled(value):
    """Three digits that count."""
    if not isinstance(value, float):
        return str(value)
    return f"{float(f'{value:.3g}'):,.0f}" if value >= 100 else f"{value:.3g}"


def machine_name():
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    fields = dict(map(str.strip, line.split(":", 1)) for line in lines if ":" in line)
    count = sum(line.startswith("processor") for line in lines)
    kind = ", ".join(f"{name} {fields.get(name, '?')}" for name in ("cpu family", "model"))
    return f"{count} x {fields.get('model name', platform.machine())} ({kind})"


def compile_command(build):
    """How `build` compiles examples/mnist.cpp: (arguments with the source last, folder, source)."""
    try:
        entries = json.loads((build / "compile_commands.json").read_text())
    except OSError:
        return None
    for entry in entries:
        source = pathlib.Path(entry["file"])
        if source.parts[-2:] != ("examples", "mnist.cpp"):
            continue
        words = shlex.split(entry["command"])
        at = words.index("-o")
        words = [word for word in words[:at] + words[at + 2:] if word != entry["file"]]
        return words + [entry["file"]], entry["directory"], source
    return None


def compiler_name(command):
    """Name, version and flags of the compiler, without folders."""
    compiler = command[1] if "ccache" in command[0] else command[0]
    first = subprocess.run([compiler, "--version"], capture_output=True, text=True).stdout
    flags = [word for word in command if word.startswith(("-O", "-march", "-m", "-std", "-D"))]
    return f"{first.splitlines()[0] if first else compiler}, {' '.join(flags)}"
