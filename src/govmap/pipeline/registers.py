"""Registers into a project through the gate, attached to parts and units, and counted."""

from dataclasses import dataclass

from govmap.errors import InputError

ATTACHED = ("residents", "resources", "incidents")


@dataclass(frozen=True, kw_only=True)
class Reading:
    """How to read a user's file, in the words of a face."""

    crs: str | None = None
    columns: tuple[str, ...] = ()
    encoding: str | None = None
    sheet: str | None = None

    @property
    def mapping(self) -> dict[str, str]:
        """Give their column -> ours, from `THEIRS=OURS` words."""
        pairs = [word.rpartition("=")[::2] for word in self.columns]
        bad = [word for word, (theirs, ours) in zip(self.columns, pairs, strict=True) if not theirs or not ours]
        if bad:
            raise InputError("import_bad_column_flag", given=bad[0])
        return dict(pairs)
