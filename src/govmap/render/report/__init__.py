"""The report that a meeting reads: sections out of what was released, as a page and as a document to be edited.

`paper` holds what a report is made of, the modules named like a section write it, `charts` and `maps` draw, `page` and
`document` lay it out.
"""
