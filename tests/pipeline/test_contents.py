"""The contents page: every step is there by its name, and none is loaded before it is asked for."""

import subprocess
import sys

from govmap import pipeline


def test_every_name_is_found_once_at_the_step_it_belongs_to() -> None:
    named = [name for names in pipeline.STEPS.values() for name in names]
    assert sorted(named) == sorted(pipeline.__all__)
    for name in pipeline.__all__:
        assert getattr(pipeline, name) is not None
    assert not hasattr(pipeline, "nothing")


def test_a_step_loads_no_other_before_it_is_asked_for() -> None:
    code = "import sys\nfrom govmap import pipeline\nassert 'pandas' not in sys.modules\npipeline.info\n"
    code += "print([one for one in ('osmium', 'osmnx', 'pypinyin', 'govmap.delineate') if one in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
