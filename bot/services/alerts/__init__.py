"""Alerts: raised, paged along the chain, taken, reached, closed, and what stays to be done then."""
