"""Tasks of several steps in the chat: one draft for each person, edited in one message."""
