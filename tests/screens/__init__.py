"""The whole product on paper: people act, and every screen that the bot sends them is written down."""
