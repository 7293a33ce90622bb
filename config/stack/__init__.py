"""Starts and stops everything that a running Pharos consists of: `python -m config.stack`.

Needs Linux or macOS and what `requirements.txt` brings; no Django is imported here.
"""
