"""Check what no linter knows: length of functions, catalogues, host names, machine paths, messages that nobody uses."""

import ast
import builtins
import re
import string
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from govmap.messages import LANGUAGES, PLAIN_WORDS, catalogue

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "src" / "govmap"
LONGEST_P90 = 40
HOSTS = ("py" + r"pi\.org", "python" + r"hosted\.org", "npm" + r"js\.(org|com)", "debian" + r"\.org/")
REGISTRIES = re.compile("|".join(HOSTS))
CODE = {".py", ".ts", ".html", ".toml", ".typ"}
SPOKEN_FROM = (SOURCE, ROOT / "web" / "src", ROOT / "layers")
BEGUN = re.compile(r"""["'`](\w+_)(?:\{|\$\{|["'`] ?\+)""")  # f"check_{rule}", `map_${mode}`, "map_" + mode
ENDED = re.compile(r"""(?:\}|\+ ?["'`])(_\w+)["'`]""")  # f"{key}_hint", key + "_hint"
PLACES = re.compile(r"(?<![\w.])/(work|root|home|Users)/\w")


def main() -> int:
    """Say every fault and give the number for the shell."""
    faults = [*long_functions(), *uneven_catalogues(), *unknown_keys(), *unsaid_keys(), *foreign_names()]
    for fault in faults:
        print(fault)
    return min(len(faults), 1)


def long_functions() -> Iterator[str]:
    """Ninety of a hundred functions stay under forty lines."""
    lengths = sorted(
        node.end_lineno - node.lineno + 1
        for file in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    p90 = lengths[int(len(lengths) * 0.9)] if lengths else 0
    if p90 > LONGEST_P90:
        yield f"functions: the 90th percentile is {p90} lines, over {LONGEST_P90}"


def uneven_catalogues() -> Iterator[str]:
    """Every key stands in every language, with the same places to fill."""
    texts = {language: catalogue(language) for language in LANGUAGES}
    for key in sorted({key for one in texts.values() for key in one}):
        missing = [language for language in LANGUAGES if key not in texts[language]]
        if missing:
            yield f"messages: {key} is missing in {', '.join(missing)}"
        elif len({frozenset(set(_places(one[key])) - set(PLAIN_WORDS["en"])) for one in texts.values()}) > 1:
            yield f"messages: {key} has other places in one language than in another"


def unknown_keys() -> Iterator[str]:
    """Every key that an error or note names stands in the catalogue, and its places are filled."""
    known = catalogue("en")
    for file in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            key = _named_key(node)
            if key is None:
                continue
            place = f"{file.relative_to(ROOT)}:{node.lineno}"
            if key not in known:
                yield f"{place}: no text for {key}"
            elif unfilled := _unfilled(node, known[key] + known.get(f"{key}_hint", "")):
                yield f"{place}: nothing fills {sorted(unfilled)} of {key}"


def unsaid_keys() -> Iterator[str]:
    """Every text is said somewhere: its key stands in the code, or begins or ends as keys do that are put together."""
    files = (file for folder in SPOKEN_FROM for file in folder.rglob("*") if file.suffix in CODE)
    code = "\n".join(file.read_text("utf-8") for file in files if not {"locale", "static"} & set(file.parts))
    words, known = set(re.findall(r"\w+", code)), catalogue("en")
    begun, ended = tuple(set(BEGUN.findall(code))), set(ENDED.findall(code))
    for key in sorted(set(known) - words):
        if not key.startswith(begun) and not any(key.removesuffix(end) in words for end in ended if key.endswith(end)):
            yield f"messages: nobody says {key}"


def _unfilled(call: ast.Call, text: str) -> set[str]:
    """Give the places of a text that a call leaves empty; words of the profile are always there."""
    given = {keyword.arg for keyword in call.keywords}
    return set() if None in given else set(_places(text)) - given - set(PLAIN_WORDS["en"])


def _named_key(node: ast.AST) -> str | None:
    if not isinstance(node, ast.Call) or not node.args:
        return None
    name = getattr(node.func, "id", getattr(node.func, "attr", ""))
    first = node.args[0]
    told = name in {"note", "say"} or (name.endswith("Error") and not hasattr(builtins, name))
    return first.value if told and isinstance(first, ast.Constant) and isinstance(first.value, str) else None


def foreign_names() -> Iterator[str]:
    """No file names a package registry or a path of one machine."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout  # noqa: S607 - git is where the user has it
    for name in sorted(filter(None, listed.decode().split("\0"))):
        file = ROOT / name
        if not file.is_file():
            continue
        text = file.read_text("utf-8", errors="ignore")
        for number, line in enumerate(text.splitlines(), 1):
            if REGISTRIES.search(line) or PLACES.search(line):
                yield f"{name}:{number}: a host name of a registry, or a path of one machine"


def _places(text: str) -> list[str]:
    return [field for _, field, _, _ in string.Formatter().parse(text) if field]


if __name__ == "__main__":
    sys.exit(main())
