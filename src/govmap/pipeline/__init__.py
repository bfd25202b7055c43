"""The way of the data: one function a step, from tables to tables; the contents page of the program."""

from govmap.pipeline.alternatives import active_or_none, choose, options
from govmap.pipeline.base_data import Source, fetch
from govmap.pipeline.comparing import compare
from govmap.pipeline.demo import DEMO_PROJECT, demo
from govmap.pipeline.division import cells, criteria, criteria_for, delineate
from govmap.pipeline.editing import move, undo
from govmap.pipeline.outputs import backup, check, export, info, map_, template
from govmap.pipeline.registers import Reading, attach, import_table
from govmap.pipeline.report import Progress, Report
from govmap.pipeline.scoring import score

__all__ = [
    "DEMO_PROJECT",
    "Progress",
    "Reading",
    "Report",
    "Source",
    "active_or_none",
    "attach",
    "backup",
    "cells",
    "check",
    "choose",
    "compare",
    "criteria",
    "criteria_for",
    "delineate",
    "demo",
    "export",
    "fetch",
    "import_table",
    "info",
    "map_",
    "move",
    "options",
    "score",
    "template",
    "undo",
]
