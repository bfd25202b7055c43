"""Parts to units: criteria, construction, improvement, codes, edits, explanation."""

from govmap.delineate.criteria import Criteria
from govmap.delineate.divide import Division, delineate, review

__all__ = ["Criteria", "Division", "delineate", "review"]
