"""Cells: the ground of every building, and the parts that are assigned."""

from govmap.cells.parts import Divided, divide, parts
from govmap.cells.tessellation import Tessellation, tessellate

__all__ = ["Divided", "Tessellation", "divide", "parts", "tessellate"]
