"""Pictures drawn by the server as SVG: one code for the page and for the PDF.

Colours stand twice: as presentation attributes, which a PDF uses and a content policy leaves alone, and as classes,
which `static/css/app.css` overrides on the screen (dark theme, forced colours). There is never an inline style.
Every picture has a title and a description, takes the id it shall have on the page (so that the same data gives the
same bytes), escapes every text, and is returned as safe markup. Give its figures as a table beside it.

    from core.svg import Phase, Step, wheel
    picture = wheel([Phase("Plan", 1, [Step("1.1", "Initiating", 100, href="/...")])], percent=53, planned=57)
"""

from core.svg.bars import Bar, bars, segments
from core.svg.curve import CurvePoint, curve
from core.svg.donut import Part, donut
from core.svg.fishbone import Bone, Rib, fishbone
from core.svg.heat import Arrow, HeatCell, heat
from core.svg.layers import Layer, layers
from core.svg.pareto import Slice, pareto
from core.svg.quadrant import Dot, quadrant
from core.svg.spark import spark
from core.svg.spread import DayMark, spread
from core.svg.tree import Node, grown, tree
from core.svg.wheel import Phase, Step, small_wheel, wheel

__all__ = [
    "Arrow",
    "Bar",
    "Bone",
    "CurvePoint",
    "DayMark",
    "Dot",
    "HeatCell",
    "Layer",
    "Node",
    "Part",
    "Phase",
    "Rib",
    "Slice",
    "Step",
    "bars",
    "curve",
    "donut",
    "fishbone",
    "grown",
    "heat",
    "layers",
    "pareto",
    "quadrant",
    "segments",
    "small_wheel",
    "spark",
    "spread",
    "tree",
    "wheel",
]
