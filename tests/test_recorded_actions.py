"""Whatever the program writes on the audit trail can be read in plain words, in both languages."""

import pytest

from bot.screens.alert_log import EVENTS
from bot.screens.deeds import DEEDS
from bot.texts import LOCALES, load_texts
from tests.recorded_actions import actions

RECORDED = actions()


def test_every_action_that_is_recorded_has_words_and_no_other():
    assert {action: file for action, file in RECORDED.items() if action not in DEEDS} == {}
    assert DEEDS.keys() - RECORDED.keys() == set()


def test_everything_that_happens_to_an_alert_stands_in_its_history():
    recorded = {action for action, file in RECORDED.items() if file.startswith("bot/services/alerts")}
    assert len(recorded) > 12
    assert recorded - EVENTS.keys() == set()


@pytest.mark.parametrize("locale", LOCALES)
def test_every_action_has_its_words_in_each_language(locale):
    keys = load_texts().keys(locale)
    assert [name for name in DEEDS.values() if name not in keys] == []
