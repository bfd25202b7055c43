"""Styles that QGIS finds inside the project file: one a table, from `layers/qgis.toml`."""

from typing import Any
from xml.sax.saxutils import quoteattr

from govmap.catalog import layer

_HEAD = '<!DOCTYPE qgis PUBLIC "http://mrcc.com/qgis.dtd" "SYSTEM">\n'
_SYMBOL_LAYER = {"fill": "SimpleFill", "line": "SimpleLine", "marker": "SimpleMarker"}


def embedded() -> dict[str, str]:
    """Give the QML of every table that has a style."""
    return {name: _qml(style) for name, style in layer("qgis").items()}


def _qml(style: dict[str, Any]) -> str:
    kind = style["symbol"]
    options = "".join(_option(name, value) for name, value in sorted(_properties(style).items()))
    dynamic = _data_defined(style["colour_by"]) if "colour_by" in style else ""
    symbol = (
        f'<symbol type={quoteattr(kind)} name="0" alpha="{style.get("alpha", 1)}">'
        f'<layer class="{_SYMBOL_LAYER[kind]}" enabled="1" locked="0" pass="0">'
        f'<Option type="Map">{options}</Option>{dynamic}</layer></symbol>'
    )
    renderer = f'<renderer-v2 type="singleSymbol" enableorderby="0"><symbols>{symbol}</symbols></renderer-v2>'
    labels = _labels(style["label"]) if "label" in style else ""
    return f'{_HEAD}<qgis version="3.22.0" labelsEnabled="{int(bool(labels))}">{renderer}{labels}</qgis>'


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
    return (
        '<data_defined_properties><Option type="Map"><Option type="QString" name="name" value=""/>'
        '<Option type="Map" name="properties"><Option type="Map" name="fillColor">'
        '<Option type="bool" name="active" value="true"/>'
        f'<Option type="QString" name="expression" value={quoteattr(expression)}/>'
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
