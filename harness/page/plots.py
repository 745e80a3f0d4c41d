"""The costs as pictures, drawn by Matplotlib.

Each series has a colour of Okabe and Ito's, which colour-blind readers tell apart, and a marker and
a dash of its own, for those who print without colour. A picture is drawn once and coloured twice.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable, Iterator, Sequence

import matplotlib
from matplotlib.figure import Figure as Drawing
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from benchmarks.groups import Cost
from benchmarks.questions import FROM_NUMPY, LAYERS
from benchmarks.test_numpy_border import COPY
from benchmarks.units import format_bytes, format_seconds
from harness.page.costs import Figure
from harness.page.words import Words

#: Colours on white, and what takes their place on a dark screen.
INK, GRID = "#1c2024", "#d9d6d1"
SERIES = ("#0072b2", "#d55e00", "#009e73", "#a8518a", "#7a6a00")
DARK = {
    INK: "#e6e4e0",
    GRID: "#3d444d",
    SERIES[0]: "#56b4e9",
    SERIES[1]: "#f28e2b",
    SERIES[2]: "#35c79c",
    SERIES[3]: "#dd8fc0",
    SERIES[4]: "#e0cf4a",
}
MARKERS, DASHES = "osD^v", ("-", "--", "-.", ":", (0, (5, 1, 1, 1)))

WIDTH, HEIGHT = 4.2, 3.5  # inches: legible on a telephone without zoom

_STYLE = {
    "svg.fonttype": "none",  # text stays text
    "svg.hashsalt": "page",  # the same picture is the same file
    "font.size": 10,
    "text.color": INK,
    "axes.labelcolor": INK,
    "axes.edgecolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 9,
}


def figures(question: str, costs: Sequence[Cost]) -> Iterator[Figure]:
    """The pictures for the question; none for most."""
    with matplotlib.rc_context(_STYLE):
        if question == LAYERS:
            yield from _by_depth(costs)
        if question == FROM_NUMPY:
            yield from _by_size(costs)


# --- memory by depth -----------------------------------------------------------------------------

WITH_GRAD, WITHOUT_GRAD = "enable_grad", "no_grad"
MIB = 2**20


def _by_depth(costs: Sequence[Cost]) -> Iterator[Figure]:
    widest = max(cost.parameters["width"] for cost in costs)
    of = [cost for cost in costs if cost.parameters["width"] == widest]
    drawing, axes = _drawing("layers of Linear + ReLU", "peak of memory")
    for i, name in enumerate((WITH_GRAD, WITHOUT_GRAD)):
        points = sorted((it.parameters["layers"], it) for it in of if it.alternative == name)
        if not points:
            return
        depths = [depth for depth, _ in points]
        look = {"color": SERIES[i], "linestyle": DASHES[i]}
        predicted = [it.predicted_peak_bytes / MIB for _, it in points]
        axes.plot(depths, predicted, label=f"{name}, predicted", **look)
        seen = [it.peak_bytes / MIB for _, it in points]
        look = {"color": SERIES[i], "marker": MARKERS[i], "linestyle": ""}
        axes.plot(depths, seen, label=f"{name}, measured", **look)
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(FixedLocator(depths))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g} MiB"))
    axes.legend(loc="upper left")
    en = (
        f"Peak of memory by depth (width {widest}): with grad each layer adds to what is kept for "
        "backward(); without, the depth costs nothing. Lines are predicted, points measured."
    )
    ja = (
        f"層の数とメモリのピーク (幅 {widest})。勾配ありでは、backward() のための保存が層ごとに"
        "増え、勾配なしでは深さによらない。線は予測、点は測定値。"
    )
    yield _figure(drawing, Words(en, ja))


# --- time and bytes by size ----------------------------------------------------------------------

#: What shares, what copies, and the limit; of float64, NumPy's default.
SHARING, COPYING = ("from_numpy(a)",), ("from_numpy(a.copy())", "torch.tensor(a)")
DTYPE = "float64"


def _by_size(costs: Sequence[Cost]) -> Iterator[Figure]:
    of = [cost for cost in costs if cost.parameters["dtype"] == DTYPE]
    if any(cost.seconds is not None for cost in of):
        yield _time_by_size(of)
    yield _bytes_by_size(of)


def _time_by_size(of: Sequence[Cost]) -> Figure:
    drawing, axes = _drawing("size of the array", "time of a call")
    for i, name in enumerate(SHARING + COPYING):
        points = [(it.parameters["nbytes"], it.seconds) for it in of if it.alternative == name]
        axes.plot(*zip(*points, strict=True), label=name, **_look(i))
    limit = [(it.parameters["nbytes"], it.seconds) for it in of if it.alternative == COPY]
    axes.plot(*zip(*limit, strict=True), label=f"limit: {COPY}", **_LIMIT)
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: _seconds(value)))
    axes.yaxis.set_minor_locator(NullLocator())
    _sizes(axes, of)
    axes.legend(loc="upper left")
    en = (
        "Time by size, logarithmic: from_numpy(a) shares and takes the same time for any size; "
        "what copies takes longer with the size, as a plain memory copy into place does."
    )
    ja = (
        "サイズと時間 (両対数)。from_numpy(a) は共有するだけなので、サイズによらず一定である。"
        "複製にかかる時間は、単純なメモリコピーと同じくサイズとともに延びる。"
    )
    return _figure(drawing, Words(en, ja))


def _bytes_by_size(of: Sequence[Cost]) -> Figure:
    drawing, axes = _drawing("size of the array", "bytes that a call allocates")
    for i, name in enumerate(SHARING + COPYING):
        points = [(it.parameters["nbytes"], it.peak_bytes) for it in of if it.alternative == name]
        axes.plot(*zip(*points, strict=True), label=name, clip_on=False, zorder=3, **_look(i))
    sizes = sorted({it.parameters["nbytes"] for it in of})
    axes.plot(sizes, sizes, label="limit: the bytes of one copy", **_LIMIT)
    axes.set_yscale("symlog", linthresh=sizes[0], linscale=0.6)  # as a logarithm has no zero
    axes.set_ylim(bottom=0)
    axes.yaxis.set_major_locator(FixedLocator([0, *sizes]))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: format_bytes(int(value))))
    axes.yaxis.set_minor_locator(NullLocator())
    _sizes(axes, of)
    axes.legend(loc="upper left")
    en = (
        "Bytes by size, logarithmic above the zero: from_numpy(a) allocates nothing, "
        "what copies as many bytes as the array has."
    )
    ja = (
        "サイズと確保バイト数 (ゼロより上は対数)。from_numpy(a) は何も確保せず、"
        "複製は配列と同じバイト数を確保する。"
    )
    return _figure(drawing, Words(en, ja))


_LIMIT = {"color": INK, "linestyle": (0, (2, 2)), "linewidth": 1.2, "zorder": 2}


def _look(i: int) -> dict[str, object]:
    return {
        "color": SERIES[i],
        "marker": MARKERS[i],
        "linestyle": DASHES[i],
        "markersize": 7 - 1.5 * i,  # so that one on the other shows
    }


def _sizes(axes, of: Sequence[Cost]) -> None:
    axes.set_xscale("log", base=2)
    axes.xaxis.set_major_locator(FixedLocator(_apart({it.parameters["nbytes"] for it in of})))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: format_bytes(int(value))))


def _apart(sizes: Iterable[int]) -> list[int]:
    """The sizes that are so far from the one before that their names do not meet."""
    kept: list[int] = []
    for size in sorted(sizes):
        if not kept or size >= 16 * kept[-1]:
            kept.append(size)
    return kept


def _seconds(value: float) -> str:
    """A power of ten in words: "10 us"."""
    number, unit = format_seconds(value).split()
    return f"{float(number.replace(',', '')):g} {unit}"


# --- files ---------------------------------------------------------------------------------------


def _drawing(across: str, up: str):
    drawing = Drawing(figsize=(WIDTH, HEIGHT), layout="constrained")
    axes = drawing.add_subplot()
    axes.set_xlabel(across)
    axes.set_title(up, loc="left", fontsize=10)  # where it is read without turning the head
    axes.grid(axis="y")
    return drawing, axes


def _figure(drawing: Drawing, says: Words) -> Figure:
    file = io.StringIO()
    drawing.savefig(file, format="svg", transparent=True, metadata={"Date": None})
    light = file.getvalue()
    dark = light
    for colour, other in DARK.items():
        dark = dark.replace(colour, other)
    return Figure(_address(light), _address(dark), says, round(WIDTH * 96), round(HEIGHT * 96))


def _address(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
