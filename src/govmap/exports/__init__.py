"""Tables for other programs, one writer a format."""
