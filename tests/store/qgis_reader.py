"""Run by the python that QGIS came with: opens every layer of a project file as QGIS does and says what it found."""

import json
import sys

from qgis.core import (
    QgsApplication,
    QgsExpression,
    QgsProperty,
    QgsRenderContext,
    QgsSymbolLayer,
    QgsVectorLayer,
)


def main() -> None:
    path, names, edit = sys.argv[1], sys.argv[2].split(","), sys.argv[3:]
    application = QgsApplication([], False)
    application.initQgis()
    print(
        json.dumps(
            {"layers": {name: look(path, name) for name in names}, "edited": [change(path, *edit)] if edit else []}
        )
    )
    application.exitQgis()


def look(path: str, name: str) -> dict:
    layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
    if not layer.isValid():
        return {"valid": False}
    message, styled = layer.loadDefaultStyle()
    features = list(layer.getFeatures())
    fields = [field.name() for field in layer.fields()]
    symbol = layer.renderer().symbols(QgsRenderContext())[0] if layer.isSpatial() else None
    colours, faults = drawn(symbol, layer, features) if symbol else ([], [])
    return {
        "valid": True,
        "styled": styled,
        "message": message,
        "count": len(features),
        "with_shape": sum(one.hasGeometry() and not one.geometry().isEmpty() for one in features),
        "spatial": layer.isSpatial(),
        "crs": layer.crs().authid() if layer.isSpatial() else None,
        "colour": ",".join(str(part) for part in symbol.symbolLayer(0).color().getRgb()) if symbol else None,
        "colours": colours,
        "label": layer.labeling().settings().fieldName if layer.labelsEnabled() else None,
        "faults": faults + [name for name in labels(layer) if name not in fields],
        "fields": {field.name(): field.typeName() for field in layer.fields()},
        "texts": sorted({str(one["name"]) for one in features if "name" in fields and one["name"]}),
    }


def labels(layer) -> list:
    return [layer.labeling().settings().fieldName] if layer.labelsEnabled() else []


def drawn(symbol, layer, features) -> tuple:
    """The colours in which features are drawn, their expression evaluated, and what is wrong with it."""
    rule = symbol.symbolLayer(0).dataDefinedProperties().property(QgsSymbolLayer.PropertyFillColor)
    if rule.propertyType() != QgsProperty.ExpressionBasedProperty:
        return [symbol.color().name()], []
    expression, context = QgsExpression(rule.expressionString()), layer.createExpressionContext()
    colours = set()
    for feature in features:
        context.setFeature(feature)
        colours.add(str(expression.evaluate(context)))
    return sorted(colours), [one for one in (expression.parserErrorString(), expression.evalErrorString()) if one]


def change(path: str, name: str, key: str, value: str, field: str, to: str) -> bool:
    """Edit one row's attribute and move its shape, as a person would."""
    layer = QgsVectorLayer(f"{path}|layername={name}", name, "ogr")
    layer.startEditing()
    [feature] = [one for one in layer.getFeatures() if one[key] == value]
    shape = feature.geometry()
    shape.translate(5000, 5000)
    layer.changeGeometry(feature.id(), shape)
    layer.changeAttributeValue(feature.id(), layer.fields().indexOf(field), to)
    return layer.commitChanges()


main()
