"""What belongs to the machine: cache folder, language, threads. Settings of a community live in its project."""

import locale
import os
from dataclasses import dataclass
from pathlib import Path

from govmap.messages import LANGUAGES


@dataclass(frozen=True, kw_only=True)
class Config:
    """The machine's settings, read once and passed on."""

    language: str = "en"
    cache: Path = Path()
    threads: int = 1


def from_machine(language: str | None = None) -> Config:
    """
    Read the machine's settings.

    The language is the flag's, else `GOVMAP_LANG`, else the system's; the cache folder is `GOVMAP_CACHE`, else the
    platform's own; threads are `GOVMAP_THREADS`, else the processors this program may use.
    """
    from platformdirs import user_cache_path

    threads = int(os.environ.get("GOVMAP_THREADS", "0")) or _processors()
    cache = os.environ.get("GOVMAP_CACHE")
    return Config(
        language=language or spoken_language(),
        cache=Path(cache) if cache else user_cache_path("govmap"),
        threads=threads,
    )


def spoken_language() -> str:
    """Give the language of the machine, English where it speaks none of ours."""
    asked = os.environ.get("GOVMAP_LANG") or os.environ.get("LC_ALL") or os.environ.get("LANG") or _system_language()
    short = asked.replace("-", "_").split("_")[0].lower()
    return short if short in LANGUAGES else "en"


def _system_language() -> str:
    return locale.getlocale()[0] or "en"


def _processors() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
