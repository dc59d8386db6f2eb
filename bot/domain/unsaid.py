"""What must never be written to participants: the arm somebody is in, and a dose."""

import re
import unicodedata

from bot.domain.protocol import Protocol

_POWER = re.compile(
    r"\d(?:\.\d+)?[x×*·]10(?:\^|\*\*)?\d|\d(?:\.\d+)?e\+?\d{1,2}(?!\d)|\d(?:\.\d+)?[亿億万萬]个?細?细?胞"
)


def names_arm_or_dose(text: str, protocol: Protocol) -> bool:
    """Tell whether a text names an arm of the protocol, or a number of cells."""
    plain = re.sub(r"[\s\-_]", "", unicodedata.normalize("NFKC", text)).casefold()
    if any(re.sub(r"[\s\-_]", "", arm).casefold() in plain for arm in protocol.arms):
        return True
    return _POWER.search(plain) is not None
