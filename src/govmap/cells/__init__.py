"""Cells: the ground of every building, and the parts that are assigned."""

from govmap.cells.tessellation import Tessellation, tessellate

__all__ = ["Tessellation", "tessellate"]
