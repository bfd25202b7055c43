"""Every file of the corpus, in the order in which its modules add them."""

import corpus_lists  # noqa: I001 - the order in which cases are added
import corpus_books
import corpus_layers
import odd_lists
import odd_layers
import odd_books
import strays
import traps
import odd_files
from cases import CASES, Case

__all__ = ["CASES", "Case"]
MODULES = (corpus_lists, corpus_books, corpus_layers, odd_lists, odd_layers, odd_books, strays, traps, odd_files)
