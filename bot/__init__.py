"""Suifang 随访: a Telegram bot that walks beside the participants of a clinical trial."""
