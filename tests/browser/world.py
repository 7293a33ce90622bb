"""The names of the sample that these tests know, and what they bring in themselves."""

from pathlib import Path

from config.sample import company

KEY = company.KEY
PASSWORD = company.PASSWORD
FEDERAL = (
    Path(__file__).parents[3] / "shared" / "data" / "inventories" / "us_federal_2024_v2_cp1252.csv"
)
FEDERAL_ROWS = 2_133


def mail_of(slug: str) -> str:
    return f"{slug}@larkmoor.example"
