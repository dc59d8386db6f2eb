"""The use cases: one function, one transaction, its audit rows included."""
