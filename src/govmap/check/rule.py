"""What a rule is: the tables of one moment in, the ids of the rows that break it out."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pandas as pd

Tables = Mapping[str, pd.DataFrame]
Rules = dict[str, Callable[[Tables], Iterator[Any]]]
