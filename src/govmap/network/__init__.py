"""The walking network: nearest, pairs, matrices, ways and ranges, shared by all steps that measure walks."""

from govmap.network.speeds import SPEED_M_S, minutes
from govmap.network.stops import Stops
from govmap.network.whole import Network, build

__all__ = ["SPEED_M_S", "Network", "Stops", "build", "minutes"]
