"""Residents, resources and incidents to the buildings, parts and cells they belong to, and their sums per unit.

Every row is attached or has a reason, and nothing is counted twice.
"""

from govmap.attach.belonging import attach, reasons, worded
from govmap.attach.register import by_part, households
from govmap.attach.sums import tallies

__all__ = ["attach", "by_part", "households", "reasons", "tallies", "worded"]
