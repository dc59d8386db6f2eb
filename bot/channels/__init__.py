"""Other ways to reach staff than Telegram."""
