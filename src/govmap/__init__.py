"""govmap: communities divided into micro-governance units, on maps by which people share the work."""

__version__ = "0.1.0"
