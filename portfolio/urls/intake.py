"""Addresses of this subject: pages for people, resources for machines."""

pages = []
api = []
