"""The only SQL: functions that take a transaction."""
