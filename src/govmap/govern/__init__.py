"""How incidents live: their stages and who moves them, until when they must be done, which of them are the same.

`lifecycle` stages and moves · `stages` the words of lists · `deadlines` and `workdays` until when · `duplicates` which
may be one.
"""

from govmap.govern.deadlines import Deadline, due, overdue
from govmap.govern.duplicates import settled, suggest
from govmap.govern.lifecycle import Incident, Lifecycle, Moved
from govmap.govern.stages import read_stages
from govmap.govern.twins import suggest as suggest_twins
from govmap.govern.workdays import Workdays

__all__ = [
    "Deadline",
    "Incident",
    "Lifecycle",
    "Moved",
    "Workdays",
    "due",
    "overdue",
    "read_stages",
    "settled",
    "suggest",
    "suggest_twins",
]
