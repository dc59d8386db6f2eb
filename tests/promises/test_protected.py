"""Forwarding: what is clinical stays protected."""

from tests.promises.protected import LIST, found


def test_every_screen_that_is_clinical_is_protected_as_listed():
    """Take `protect=True` from any of them and its name is missing here; new ones are added to the list."""
    listed = LIST.read_text(encoding="utf-8").split()
    assert listed == sorted(set(listed))
    assert sorted(set(listed) - set(found())) == []
