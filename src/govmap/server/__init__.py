"""The desk: one person on one computer works on one project in a browser; routes translate and nothing more."""
