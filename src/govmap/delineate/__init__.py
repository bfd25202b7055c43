"""Parts to units: criteria, construction, improvement, codes, edits."""
