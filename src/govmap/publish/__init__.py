"""What may leave the house: tables and an audience in, `Released` out, the only thing render and exports accept.

`allowed` lists the columns that pass, `counts` brings tables to units, `suppress` withholds what is under k and what
would give it away, `gate` puts them together.
"""

from govmap.publish.gate import Audience, Released, release, reports_for_all

__all__ = ["Audience", "Released", "release", "reports_for_all"]
