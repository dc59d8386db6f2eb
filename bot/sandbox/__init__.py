"""A local Bot API on loopback, a page with everyone's phones, a clock to push."""
