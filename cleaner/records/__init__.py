"""The frozen records that flow through the program, from the page read to the page cleaned.

Line numbers are 1-based everywhere and count the lines of the page's text layer: the lines of the file for text, the
lines of the flattened page for HTML. Number 0 stands for the page as a whole.
"""

from cleaner.records.cleaned import SCHEMA_VERSION, UNSURE_AT, Cleaned, Evidence, Verdict, Weights
from cleaner.records.page import Block, Kind, Line, Markup, Note, Page, PageFacts, Shape
from cleaner.records.rule import Rule

__all__ = [
    "SCHEMA_VERSION",
    "UNSURE_AT",
    "Block",
    "Cleaned",
    "Evidence",
    "Kind",
    "Line",
    "Markup",
    "Note",
    "Page",
    "PageFacts",
    "Rule",
    "Shape",
    "Verdict",
    "Weights",
]
