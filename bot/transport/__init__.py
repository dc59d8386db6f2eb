"""All that knows Telegram on the way in and out, handlers aside."""

import os

# Without it the client warns at every 429: it will give spans of time instead of seconds one day.
os.environ.setdefault("PTB_TIMEDELTA", "1")
