"""The costs as figures, drawn by Matplotlib: black on transparent, which a dark screen inverts.

The colours are Okabe and Ito's, which colour-blind readers tell apart; each series also has its own
marker and dash, for print without colour.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import matplotlib
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import EngFormatter, FixedLocator, FuncFormatter, NullLocator

from benchmarks.groups import Cost
from benchmarks.questions import FROM_NUMPY, LAYERS, along
from benchmarks.units import format_bytes
from harness.page.words import WORDS, Words

COLOURS, MARKERS, DASHES = ("#0072b2", "#d55e00", "#009e73"), "osD", ("-", "--", "-.")

_STYLE = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "page",  # the same figure is the same file
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": "#d9d6d1",
    "legend.frameon": False,
    "legend.fontsize": 9,
}


@dataclass(frozen=True)
class Figure:
    url: str  # a data: URL, which contains the picture
    caption: Words


def figures(question: str, costs: Sequence[Cost]) -> Iterator[Figure]:
    """The figures for the question; most questions have none."""
    with matplotlib.rc_context(_STYLE):
        if question == LAYERS:
            yield from _peak_by_depth(costs)
        if question == FROM_NUMPY:
            yield from _time_by_size(costs)


def _peak_by_depth(costs: Sequence[Cost]) -> Iterator[Figure]:
    costs = along(costs, "layers")
    width, batch = costs[0].parameters["width"], costs[0].parameters["batch"]
    drawing, axes = _drawing("layers of Linear + ReLU", "peak memory")
    for i, name in enumerate(("enable_grad", "no_grad")):
        of = [cost for cost in costs if cost.alternative == name]
        if not of:
            return  # only a part of the benchmarks ran
        depths = [cost.parameters["layers"] for cost in of]
        predicted = [cost.predicted_peak_bytes / 2**20 for cost in of]
        axes.plot(depths, predicted, DASHES[i], color=COLOURS[i], label=f"{name}, predicted")
        measured = [cost.peak_bytes / 2**20 for cost in of]
        axes.plot(depths, measured, MARKERS[i], color=COLOURS[i], label=f"{name}, measured")
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(FixedLocator(depths))
    _label(axes.yaxis, lambda value: f"{value:g} MiB")
    yield _figure(drawing, axes, "peak by depth", width=width, batch=batch)


def _time_by_size(costs: Sequence[Cost]) -> Iterator[Figure]:
    timed = [cost for cost in costs if cost.seconds]
    drawing, axes = _drawing("size of the array", "time per call")
    limit = costs[0].baseline  # a plain memory copy
    for i, name in enumerate(("from_numpy(a)", "from_numpy(a.copy())", "torch.tensor(a)", limit)):
        of = [cost for cost in timed if cost.alternative == name]
        if not of:
            return  # only a part of the benchmarks ran, or none was timed
        sizes = [cost.parameters["nbytes"] for cost in of]
        look = {"color": "black", "linestyle": ":", "label": f"limit: {name}"}
        if name != limit:
            look = {"color": COLOURS[i], "linestyle": DASHES[i], "label": name}
            look |= {"marker": MARKERS[i], "markersize": 7 - 1.5 * i}  # so that all can be seen
        axes.plot(sizes, [cost.seconds for cost in of], **look)
        if of[0].fresh_seconds and of[-1].page_faults > 1:
            look |= {"label": f"{name}, fresh memory", "alpha": 0.5, "markerfacecolor": "none"}
            axes.plot(sizes, [cost.fresh_seconds for cost in of], **look)
    axes.set_xscale("log", base=2)
    axes.set_yscale("log")
    few = [sizes[0], *sizes[-2:]]  # whose names do not overlap
    axes.xaxis.set_major_locator(FixedLocator(few))
    _label(axes.xaxis, lambda value: format_bytes(int(value)))
    _label(axes.yaxis, EngFormatter("s"))
    yield _figure(drawing, axes, "time by size")


def _label(axis: Axis, words: Callable[[float], str]) -> None:
    axis.set_major_formatter(FuncFormatter(lambda value, _: words(value)))
    axis.set_minor_locator(NullLocator())


def _drawing(across: str, title: str) -> tuple[Drawing, Axes]:
    drawing = Drawing(figsize=(4.2, 3.5), layout="constrained")  # inches: legible on a phone
    axes = drawing.add_subplot()
    axes.set_xlabel(across)
    axes.set_title(title, loc="left", fontsize=10)  # in place of a vertical label
    axes.grid(axis="y")
    return drawing, axes


def _figure(drawing: Drawing, axes: Axes, caption: str, **numbers: int) -> Figure:
    axes.legend(loc="upper left")
    file = io.BytesIO()
    drawing.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    url = "data:image/svg+xml;base64," + base64.b64encode(file.getvalue()).decode()
    return Figure(url, Words(*(text.format(**numbers) for text in WORDS[caption])))
