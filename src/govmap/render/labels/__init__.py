"""Labels on paper: what is asked for, what stands in the way, and where each word is written.

`place` takes labels (`Wanted`: points, areas, lines, in millimetres of paper, y downward), what must or should stay
free (`Obstacle`) and the frame, and gives a `Labelling`: where each text stands, its leader line, or the number that
stands for it in a list of keys.
"""

from govmap.render.labels.measure import Measure
from govmap.render.labels.place import place
from govmap.render.labels.words import Labelling, Obstacle, Placed, Wanted

__all__ = ["Labelling", "Measure", "Obstacle", "Placed", "Wanted", "place"]
