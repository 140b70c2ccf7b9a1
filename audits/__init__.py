"""Audits: a plan, its rows, and every number that follows from the rows."""
