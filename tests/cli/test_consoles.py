"""An old console shows what it can and never fails: cp936 has no letter of København and no sign of a picture."""

import io
import sys
from pathlib import Path

import pytest

from govmap.cli import main


@pytest.mark.parametrize("encoding", ["cp936", "cp1252", "ascii"])
def test_a_console_that_lacks_letters_gets_the_sentence_all_the_same(
    encoding: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, err = (io.TextIOWrapper(io.BytesIO(), encoding=encoding) for _ in range(2))
    monkeypatch.setattr(sys, "stdout", out)
    monkeypatch.setattr(sys, "stderr", err)
    missing = tmp_path / "København 🏠 桌面 (1).gpkg"
    for more in ([], ["--json"]):
        monkeypatch.setattr(sys, "argv", ["govmap", "check", str(missing), "--lang", "zh", *more])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 1
    for stream in (out, err):
        stream.flush()
        said = stream.buffer.getvalue().decode(encoding)  # type: ignore[attr-defined] # made above
        assert "?" in said
        assert "桌面" in said or encoding != "cp936"
