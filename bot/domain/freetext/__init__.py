"""Free text into findings: words, numbers and their sense. Text can only raise a tier; nothing is dropped."""

from bot.domain.freetext.hearing import Act, Found, Heard, as_json, read

__all__ = ["Act", "Found", "Heard", "as_json", "read"]
