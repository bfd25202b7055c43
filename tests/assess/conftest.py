"""What tests of this folder share lies in lane.py."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
