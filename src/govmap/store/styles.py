"""Styles that QGIS finds inside the project file: one a table, from `layers/qgis.toml`."""

from typing import Any
from xml.sax.saxutils import quoteattr

from govmap.catalog import layer
from govmap.schema import TABLES

_HEAD = '<!DOCTYPE qgis PUBLIC "http://mrcc.com/qgis.dtd" "SYSTEM">\n'
_SHAPE = {"fill": "Polygon", "line": "Line", "marker": "Point"}  # as QGIS calls the kinds
_SYMBOL_LAYER = {"fill": "SimpleFill", "line": "SimpleLine", "marker": "SimpleMarker"}


def embedded() -> dict[str, str]:
    """Give the QML of every table that has a style."""
    return {name: _qml(style, mixed=TABLES[name].geometry == "GEOMETRY") for name, style in layer("qgis").items()}


def _qml(style: dict[str, Any], *, mixed: bool) -> str:
    renderer = _by_kind(style) if mixed else f'<renderer-v2 type="singleSymbol"><symbols>{_symbol(style)}</symbols>'
    labels = _labels(style["label"]) if "label" in style else ""
    return f'{_HEAD}<qgis version="3.22.0" labelsEnabled="{int(bool(labels))}">{renderer}</renderer-v2>{labels}</qgis>'


def _by_kind(style: dict[str, Any]) -> str:
    """Draw points, lines and areas of one table each as what they are: a fill alone would leave lines unseen."""
    outline = {**style, "colour": style.get("edge", style["colour"]), "width": style.get("width", 0.26)}
    drawn = {"fill": style, "line": outline, "marker": {**outline, "edge": outline["colour"]}}
    symbols = [_symbol({**one, "symbol": kind}, name=str(at)) for at, (kind, one) in enumerate(drawn.items())]
    rules = [
        f'<rule key="{kind}" symbol="{at}" filter={quoteattr(f"geometry_type($geometry) = {_SHAPE[kind]!r}")}/>'
        for at, kind in enumerate(drawn)
    ]
    rooted = f'<rules key="all">{"".join(rules)}</rules>'
    return f'<renderer-v2 type="RuleRenderer">{rooted}<symbols>{"".join(symbols)}</symbols>'


def _symbol(style: dict[str, Any], *, name: str = "0") -> str:
    kind = style["symbol"]
    options = "".join(_option(key, value) for key, value in sorted(_properties(style).items()))
    dynamic = _data_defined(style["colour_by"]) if "colour_by" in style else ""
    return (
        f'<symbol type={quoteattr(kind)} name={quoteattr(name)} alpha="{style.get("alpha", 1)}">'
        f'<layer class="{_SYMBOL_LAYER[kind]}" enabled="1" locked="0" pass="0">'
        f'<Option type="Map">{options}</Option>{dynamic}</layer></symbol>'
    )


def _properties(style: dict[str, Any]) -> dict[str, str]:
    colour, edge, width = style["colour"], style.get("edge", style["colour"]), str(style.get("width", 0.26))
    if style["symbol"] == "line":
        return {"line_color": colour, "line_width": width, "line_style": style.get("dash", "solid")}
    shared = {"color": colour, "outline_color": edge, "outline_width": width, "outline_style": "solid"}
    if style["symbol"] == "fill":
        return {**shared, "style": style.get("fill", "solid")}
    return {**shared, "size": str(style.get("size", 2)), "name": style.get("shape", "circle")}


def _option(name: str, value: str) -> str:
    return f'<Option type="QString" name={quoteattr(name)} value={quoteattr(value)}/>'


def _data_defined(expression: str) -> str:
    """Let an expression give the colour; where it cannot (a code without a number), the style's own stays."""
    return (
        '<data_defined_properties><Option type="Map"><Option type="QString" name="name" value=""/>'
        '<Option type="Map" name="properties"><Option type="Map" name="fillColor">'
        '<Option type="bool" name="active" value="true"/>'
        f'<Option type="QString" name="expression" value={quoteattr(f"try({expression})")}/>'
        '<Option type="int" name="type" value="3"/></Option></Option>'
        '<Option type="QString" name="type" value="collection"/></Option></data_defined_properties>'
    )


def _labels(field: str) -> str:
    return (
        '<labeling type="simple"><settings>'
        f'<text-style fieldName={quoteattr(field)} fontSize="8" textColor="30,30,30,255">'
        '<text-buffer bufferDraw="1" bufferSize="0.8" bufferColor="255,255,255,255"/></text-style>'
        "</settings></labeling>"
    )
