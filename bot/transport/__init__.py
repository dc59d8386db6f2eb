"""All that knows Telegram on the way in and out, handlers aside."""
