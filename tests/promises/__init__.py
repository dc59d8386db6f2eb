"""The promises over long runs: the live program, killed again and again, and the ledger of it."""
