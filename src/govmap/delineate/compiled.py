"""Compiles the inner loops of the search, and keeps the machine code on disk where there is a place for it."""

from collections.abc import Callable
from typing import TypeVar, cast

from numba import njit

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """
    Compile a function of numbers and arrays.

    Numba writes beside the module or, where that is read-only, into the user's cache folder; where neither can be
    written it says so by RuntimeError, and the code is then compiled anew in each process. The interpreter's lock is
    set free while it runs, so that a server goes on answering.
    """
    try:
        return cast("F", njit(cache=True, nogil=True, error_model="numpy")(function))
    except RuntimeError:
        return cast("F", njit(nogil=True, error_model="numpy")(function))
