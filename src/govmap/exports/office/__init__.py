"""The office's own form, filled: everything that stands in the workbook stays, only the rows of its list are written.

A workbook is an archive of XML. Programs that read and rewrite it whole lose seals, shapes, charts, controls and rules
that they do not know; so here only what must change is changed, and every other part goes through byte for byte.
`book` is the archive, `sheet` one sheet of it, `moving` what rows being put in does to references, `reading` where the
list of a form lies, `matching` which column is which, `figuring` the results of simple formulas, `filling` the whole.
"""
