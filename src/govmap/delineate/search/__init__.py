"""The search for a division of one ground: first divisions, proposals in machine code, mending; plain arrays alone."""
