"""Puts the documentation's pages where mkdocs looks for them: stage.py PAGES.

README.md becomes the first page and docs/*.md the others. A link to a file of the repository that is no
page leads to a page that shows it, so that the site is whole without the repository. The reference is the
headers themselves: they are written to be read, bodies stand elsewhere. What a header says at its top is
text on the page of its room, its interface is shown below.
"""

import os
import re
import shutil
import sys

ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))

#: The page that proves what one draws, where it has been compiled; elsewhere a link to it shows its source.
PROOFS = os.path.join(ROOT, "build", "browser", "page")

#: The order of reading. A page that is missing here, or here and not there, is an error.
NAVIGATION = {
    "Begin": ["README", "tutorial", "data", "faq"],
    "The method": ["method", "soundness", "evidence", "glossary"],
    "Your own": ["pytorch", "onnx", "layers", "schedules", "extending"],
    "Measured": ["results", "performance", "scaling"],
    "The code": ["architecture", "binaries", "testing", "contributing", "changelog", "SECURITY"],
}

LANGUAGES = {".hpp": "cpp", ".ipp": "cpp", ".cpp": "cpp", ".py": "python", ".sh": "sh", ".txt": "cmake",
             ".cmake": "cmake", ".mjs": "js"}


def read(path):
    with open(os.path.join(ROOT, path), encoding="utf-8") as file:
        return file.read()


class Pages:
    def __init__(self, folder):
        self.folder = folder
        self.sources = set()  # files and folders of the repository that are shown on pages of their own

    def write(self, page, text):
        path = os.path.join(self.folder, page)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)

    def link(self, page, origin, target):
        """Where a link in the file `origin`, shown on `page`, leads on the site."""
        if re.match(r"[a-z]+:|#", target):
            return target
        name, _, part = target.partition("#")
        path = os.path.normpath(os.path.join(os.path.dirname(origin), name))
        if not os.path.exists(os.path.join(ROOT, path)):
            raise SystemExit(f"{origin}: a link to {target}, which is not there")
        if path == "examples/browser/index.html" and os.path.isdir(PROOFS):
            goal = "proofs/index.html"
        elif path == "README.md":
            goal = "index.md"
        elif os.path.dirname(path) == "docs" and path.endswith((".md", ".svg", ".png")):
            goal = os.path.basename(path)
        elif path.endswith((".svg", ".png")):
            goal = path
        else:
            self.sources.add(path)
            goal = f"source/{path}.md"
        return os.path.relpath(goal, os.path.dirname(page) or ".") + (f"#{part}" if part else "")

    def markdown(self, page, origin):
        blocks = re.split(r"(^```.*?^```$)", read(origin), flags=re.M | re.S)
        for i in range(0, len(blocks), 2):  # between blocks of code
            blocks[i] = re.sub(r"\]\(([^)\s]+)\)",
                               lambda link: f"]({self.link(page, origin, link[1])})", blocks[i])
        self.write(page, "".join(blocks))

    def source(self, path):
        page = f"source/{path}.md"
        full = os.path.join(ROOT, path)
        if os.path.isdir(full):
            names = sorted(name for name in os.listdir(full) if not name.startswith("."))
            lines = [f"- [{name}]({self.link(page, path + '/', name)})" for name in names]
            self.write(page, f"# {path}\n\n" + "\n".join(lines) + "\n")
        else:
            language = LANGUAGES.get(os.path.splitext(path)[1], "text")
            try:
                self.write(page, f"# {path}\n\n~~~~~~ {language}\n{read(path)}~~~~~~\n")
            except UnicodeDecodeError:
                self.write(page, f"# {path}\n\n{os.path.getsize(full):,} bytes, which are no text.\n")

    def reference(self):
        """A page for each room; the include files at the top are one of them. Returns its navigation."""
        rooms = re.findall(r"^  (\w+)/ +(.+)$", read("docs/architecture.md"), flags=re.M)
        navigation = []
        for room, says in [("", "What a program includes.")] + rooms:
            folder = os.path.join("include/gloro", room)
            headers = sorted(name for name in os.listdir(os.path.join(ROOT, folder)) if name.endswith(".hpp"))
            text = [f"# gloro/{room}\n\n{says[0].upper()}{says[1:]}\n"]
            for name in headers:
                said, interface = split_header(read(os.path.join(folder, name)))
                text.append(f"## {name}\n\n{said}\n\n``` cpp\n{interface}```\n")
            page = f"reference/{room or 'gloro'}.md"
            self.write(page, "\n".join(text))
            navigation.append({f"gloro/{room}": page})
        return navigation


def split_header(text):
    """What a header says of itself, and its interface: without includes, and the line for its bodies."""
    lines = text.splitlines(keepends=True)
    top = 0
    while top < len(lines) and lines[top].startswith("//"):
        top += 1
    said = "".join(line[3:] if line.startswith("// ") else line[2:] for line in lines[:top])
    said = re.sub(r"([<*_])", r"\\\1", said)
    rest = "".join(lines[top:])
    rest = re.sub(r"^#ifn?def GLORO_COMPILED\n.*?^#endif\n", "", rest, flags=re.M | re.S)
    rest = re.sub(r"^#pragma once\n|^#include .*\n", "", rest, flags=re.M)
    return said.strip(), re.sub(r"\n{3,}", "\n\n", rest).strip() + "\n"


def main():
    folder = sys.argv[1]
    shutil.rmtree(folder, ignore_errors=True)
    pages = Pages(folder)
    there = {name[:-3] for name in os.listdir(os.path.join(ROOT, "docs")) if name.endswith(".md")}
    named = {page for group in NAVIGATION.values() for page in group} - {"README"}
    if there != named:
        raise SystemExit(f"docs/site/stage.py: pages without a place, or places without a page: {sorted(there ^ named)}")
    navigation = []
    for group, names in NAVIGATION.items():
        entries = []
        for name in names:
            page, origin = ("index.md", "README.md") if name == "README" else (f"{name}.md", f"docs/{name}.md")
            pages.markdown(page, origin)
            entries.append({title(read(origin)): page})
        navigation.append({group: entries})
    navigation.append({"Reference": pages.reference()})
    shown = set()
    while pages.sources - shown:  # a folder's page leads to more
        for path in sorted(pages.sources - shown):
            pages.source(path)
            shown.add(path)
    for name in os.listdir(os.path.join(ROOT, "docs")):
        if name.endswith((".svg", ".png")):
            shutil.copy(os.path.join(ROOT, "docs", name), folder)
    if os.path.isdir(PROOFS):
        shutil.copytree(PROOFS, os.path.join(folder, "proofs"))
    configuration = read("docs/site/mkdocs.yml") + "nav:\n"
    for group in navigation:
        for heading, entries in group.items():
            configuration += f"  - {heading}:\n"
            configuration += "".join(f'      - "{name}": {page}\n' for entry in entries
                                     for name, page in entry.items())
    with open(os.path.join(os.path.dirname(folder), "mkdocs.yml"), "w", encoding="utf-8") as file:
        file.write(configuration)


def title(text):
    return re.search(r"^# (.+)$", text, flags=re.M)[1].split(":")[0]


if __name__ == "__main__":
    main()
