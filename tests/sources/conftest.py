import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from sample_written import Written

from govmap.messages import LANGUAGES
from govmap.sources import sample


@pytest.fixture(scope="session")
def both(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Written]:
    folder = tmp_path_factory.mktemp("sample")
    return {language: Written(language, sample.write(folder / language, language=language)) for language in LANGUAGES}


@pytest.fixture
def zh(both: dict[str, Written]) -> Written:
    return both["zh"]


@pytest.fixture(params=LANGUAGES)
def either(request: pytest.FixtureRequest, both: dict[str, Written]) -> Written:
    return both[request.param]
