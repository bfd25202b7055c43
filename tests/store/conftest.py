import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # killing, hammer: programs that several tests share
