"""Draw the rows of a benchmark: python bench/plot.py artifacts/bench.json artifacts/bench.svg.

One point for each row, at its wall time; the scale is logarithmic.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from matplotlib import pyplot, use

#: The colours of the rows whose names have a word; the first that fits.
COLOURS = {"floor": "tab:gray", "CDK": "tab:orange", "": "tab:blue"}


def main() -> None:
    source, target = sys.argv[1:]
    rows = json.loads(Path(source).read_text())[::-1]  # the first row is drawn at the top
    names, walls = [row["name"] for row in rows], [row["wall"] for row in rows]
    use("svg")
    figure, axes = pyplot.subplots(figsize=(9, 0.35 * len(rows) + 1), layout="constrained")
    colours = [next(colour for word, colour in COLOURS.items() if word in name) for name in names]
    axes.scatter(walls, names, color=colours)
    for name, wall in zip(names, walls, strict=True):
        axes.annotate(f"{wall:.2f} s", (wall, name), xytext=(8, 0), textcoords="offset points", va="center")
    axes.set(xscale="log", xlabel="wall time (logarithmic scale)")
    axes.xaxis.set_major_formatter("{x:g} s")
    axes.margins(x=0.15, y=0.1)
    axes.grid(axis="both", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    figure.savefig(target, metadata={"Date": None})


if __name__ == "__main__":
    main()
