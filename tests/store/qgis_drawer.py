"""Run by the python that QGIS came with: draws layers of a project file as QGIS finds them, and counts what is seen."""

import json
import sys

from qgis.core import (
    Qgis,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsExpression,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsProject,
    QgsProviderRegistry,
    QgsRenderContext,
    QgsSymbolLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QSize
from qgis.PyQt.QtGui import QColor

WHITE = QColor(255, 255, 255)


def main() -> None:
    path = sys.argv[1]
    application = QgsApplication([], False)
    application.initQgis()
    found = QgsProviderRegistry.instance().querySublayers(path, Qgis.SublayerQueryFlag.ResolveGeometryType)
    seen = [look(one) for one in found if one.name() in sys.argv[2].split(",")]
    print(json.dumps(seen))
    application.exitQgis()


def look(found) -> dict:
    layer = QgsVectorLayer(found.uri(), found.name(), "ogr")
    _, styled = layer.loadDefaultStyle()
    symbols = layer.renderer().symbols(QgsRenderContext()) if layer.renderer() else []
    return {
        "name": found.name(),
        "valid": layer.isValid(),
        "styled": styled,
        "renderer": layer.renderer().type() if layer.renderer() else None,
        "symbols": [one.symbolLayer(0).layerType() for one in symbols],
        "colours": [list(one.symbolLayer(0).color().getRgb()) for one in symbols],
        "label": layer.labeling().settings().fieldName if layer.labelsEnabled() else None,
        "place": place(layer),
        "count": layer.featureCount(),
        "seen": seen(layer) if layer.isSpatial() and layer.featureCount() else None,
        "computed": computed(layer, symbols),
    }


def place(layer) -> list:
    """Where the corner of the ground lies on the earth."""
    degrees = QgsCoordinateReferenceSystem("EPSG:4326")
    point = QgsCoordinateTransform(layer.crs(), degrees, QgsProject.instance()).transform(500_000, 3_000_000)
    return [point.x(), point.y()]


def seen(layer) -> int:
    """Draw the layer without labels and count the points that are not white."""
    layer.setLabelsEnabled(False)
    settings = QgsMapSettings()
    settings.setLayers([layer])
    settings.setDestinationCrs(layer.crs())
    settings.setBackgroundColor(WHITE)
    settings.setOutputSize(QSize(80, 60))
    extent = layer.extent()
    extent.grow(2)
    settings.setExtent(extent)
    job = QgsMapRendererParallelJob(settings)
    job.start()
    job.waitForFinished()
    image = job.renderedImage()
    return sum(image.pixelColor(x, y) != WHITE for x in range(80) for y in range(60))


def computed(layer, symbols) -> list:
    """The colour of each feature where an expression gives it, and what went wrong."""
    if not symbols:
        return []
    rule = symbols[0].symbolLayer(0).dataDefinedProperties().property(QgsSymbolLayer.PropertyFillColor)
    if not rule.isActive():
        return []
    expression, context, told = QgsExpression(rule.expressionString()), layer.createExpressionContext(), []
    for feature in layer.getFeatures():
        context.setFeature(feature)
        told.append(
            [expression.evaluate(context) or None, expression.parserErrorString(), expression.evalErrorString()]
        )
    return told


main()
