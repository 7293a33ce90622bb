"""Brings candidates in from files: reads the table, guesses what it means, keys its rows."""
