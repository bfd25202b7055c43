"""At the desk nobody is told to type a command."""

import re

import pytest

from govmap.messages import LANGUAGES, Voice, catalogue
from govmap.server.speech import ClickVoice, for_clicks

OF_THE_COMMAND_LINE = ("cli_", "desk_how_to_end", "desk_port_taken", "lifecycle_needs")
COMMAND = re.compile(
    r"govmap (?:fetch|import|imports|delineate|cells|attach|assess|assign|match|map|atlas|share|report|export|form|"
    r"template|choose|compare|score|check|info|backup|edit|incident|forget|publish|agree)\b"
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_sentence_at_the_desk_asks_for_a_command_or_an_option(language: str) -> None:
    voice = Voice(language)
    for key, text in catalogue(language).items():
        if key.startswith(OF_THE_COMMAND_LINE):
            continue
        said = for_clicks(text, voice)
        assert not COMMAND.search(said), (key, said)
        assert not re.search(r"(?<![-\w])--[a-z]", said), (key, said)


def test_a_command_is_named_by_its_button_and_the_rest_of_the_sentence_stays() -> None:
    english, chinese = Voice("en"), Voice("zh")
    assert (
        for_clicks("Divide first: govmap delineate PROJECT --size 300-500", english) == "Divide first: “Steps › Divide”"
    )
    assert for_clicks("补录：govmap import 项目 resources 文件。", chinese) == "补录：“开始 › 名册”。"
    assert for_clicks("This file is not a govmap project.", english) == "This file is not a govmap project."


def test_plans_are_called_by_what_people_see_and_other_words_stay() -> None:
    voice = ClickVoice("en", {}, lambda: {"p0123456789ab": "Spring"})
    assert voice.say("agree_done_draft", plan="p0123456789ab").startswith("Plan Spring ")
    assert "pffffffffffff" in voice.say("agree_done_draft", plan="pffffffffffff")
    assert voice.say("report_of_plan", plan="park", edition=2) == "Plan park, edition 2 of the ground"
