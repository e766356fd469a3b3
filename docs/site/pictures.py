"""Draws the pictures of README.md from reports of the network that ships: pictures.py GLORO [CHROMIUM]

GLORO is the program (build/release/gloro), CHROMIUM a browser that takes screenshots. Run at the top of the
repository, with MNIST in data/mnist. Writes docs/curve.svg, the curve of a report by `gloro attack` on 500
images, as it stands there but for its own colours and legend, and docs/report.png, what a browser shows at
the top of a report by `gloro report`. Some minutes; no font and nothing else is fetched.
"""

import html
import os
import re
import subprocess
import sys
import tempfile

MODEL = "examples/models/mnist-2C2F.safetensors"
DATA = ["--dataset", "mnist", "--data", "data/mnist"]


def curve(report):
    """The report's first chart as a file of its own, light, its legend drawn above it."""
    figure = re.search(r'<figure class="chart" id="curve">(.*?)</figure>', report, flags=re.S)[1]
    keys = re.findall(r'class="line (s\d)".*?</svg>([^<]+)</span>', figure)
    chart = re.search(r'<svg viewBox="0 0 (\d+) (\d+)" role="img"[^>]*>(.*)</svg>', figure, flags=re.S)
    width, height = int(chart[1]), int(chart[2])
    style = re.search(r"<style>(.*?)</style>", report, flags=re.S)[1]
    colours = dict(re.findall(r"(--\w+): (#\w+);", style.split("@media")[0]))
    rules = re.findall(r"^(?:svg text|\.grid|\.axis|\.marker|\.line|\.s\d)[ ,].*$", style, flags=re.M)
    style = re.sub(r"var\((--\w+)\)", lambda name: colours[name[1]], "\n".join(rules)).replace("svg text", "text")
    legend, x = "", 56
    for name, text in keys:
        legend += f'<path class="line {name}" d="M{x} -22h26"/><text x="{x + 34}" y="-18">{text}</text>\n'
        x += 34 + 7 * len(html.unescape(text)) + 24
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -44 {width} {height + 52}" width="{width}" '
            f'font-family="sans-serif" role="img" aria-labelledby="curve-title curve-desc">\n'
            f"<style>\n{style}\n</style>\n"
            f'<rect y="-44" width="{width}" height="{height + 52}" rx="8" fill="#fff"/>\n{legend}{chart[3].strip()}\n</svg>\n')


def main():
    gloro, browser = sys.argv[1], sys.argv[2] if len(sys.argv) > 2 else "chromium"
    with tempfile.TemporaryDirectory() as folder:
        page, attack = os.path.join(folder, "report.html"), os.path.join(folder, "attack.html")
        subprocess.run([gloro, "report", MODEL, *DATA, "--epsilon", "0.3", "0.1", "0.5", "1", "1.58",
                        "--output", page], check=True)
        subprocess.run([gloro, "attack", MODEL, *DATA, "--limit", "500", "--radii", "500",
                        "--report", attack], check=True)
        with open(attack, encoding="utf-8") as file, open("docs/curve.svg", "w", encoding="utf-8") as svg:
            svg.write(curve(file.read()))
        subprocess.run([browser, "--headless", "--no-sandbox", "--hide-scrollbars", "--window-size=1080,1216",
                        "--force-device-scale-factor=1", f"--user-data-dir={folder}/browser",
                        f"--screenshot={os.path.abspath('docs/report.png')}", "file://" + page], check=True)


if __name__ == "__main__":
    main()
