"""Spares the interpreter's work on memory where millions of short-lived objects are made."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without_sweeps() -> Iterator[None]:
    """Keep Python from looking for circles of objects: there are none, and each look is long."""
    ran = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if ran:
            gc.enable()
