"""How a page begins: its styles, its policy, and what the desk says while the rest of a large project is worked out.

Light to import, so that a desk which was begun just now answers at once.
"""

import html
from collections.abc import Iterable, Iterator
from pathlib import Path

from govmap.messages import Voice

STATIC = Path(__file__).parent / "static"
STYLES = ("map.css", "live.css")
NO_REFERRER = '<meta name="referrer" content="no-referrer">'
VIEWPORT = '<meta name="viewport" content="width=device-width, initial-scale=1">'
NO_ICON = '<link rel="icon" href="data:,">'  # or a browser asks the desk for one


def opening(voice: Voice, *, title: str, nonce: str) -> str:
    """
    Write the beginning of the desk's page; `webmap.after_opening` gives the rest.

    Parameters
    ----------
    title
        What is opened, as long as nobody knows the community's name.
    nonce
        That of the answer, which its styles carry.
    """
    style = "".join(inlined(there(*STYLES)))
    head = f'<meta charset="utf-8">{NO_REFERRER}{NO_ICON}{VIEWPORT}<title>{inert(title)}</title>{style}'
    said = f"<b>{inert(title)}</b><p>{inert(voice.say('desk_opening'))}</p>"
    body = f'<div class="desk-opening" role="status">{said}</div>'
    page = f'<!DOCTYPE html>\n<html lang="{tongue(voice)}">\n<head>\n{head}\n</head>\n<body>\n{body}\n'
    return page.replace("<style>", f'<style nonce="{nonce}">')


def policy(nonce: str) -> str:
    """Write the content security policy of the desk's page: what carries the nonce, and nobody but the desk."""
    rules = [
        "default-src 'none'",
        f"script-src 'nonce-{nonce}'",
        f"style-src 'nonce-{nonce}'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "worker-src blob:",
        "form-action 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ]
    return "; ".join(rules)


def there(*names: str) -> tuple[str, ...]:
    """Name those of the page's files that have been built."""
    return tuple(name for name in names if (STATIC / name).is_file())


def inlined(names: Iterable[str], tag: str = "style") -> Iterator[str]:
    """Write files of the page as they stand in it."""
    for name in names:
        yield f"<{tag}>{(STATIC / name).read_text('utf-8')}</{tag}>"


def tongue(voice: Voice) -> str:
    """Give the language of a page as browsers call it."""
    return "zh-CN" if voice.language == "zh" else "en"


def inert(text: str) -> str:
    """Write text so that no parser takes it for anything else."""
    return html.escape(text.replace("\u2028", " ").replace("\u2029", " "))
