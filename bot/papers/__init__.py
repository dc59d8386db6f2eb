"""Files that people get: calendars, pictures, cards, exports. Pure: facts and texts in, bytes out."""

from importlib.resources import files
from pathlib import Path

# Chinese is legible on a machine without Chinese fonts.
TYPEFACE = Path(str(files("bot.papers") / "fonts" / "NotoSansSC-GB2312.otf"))
