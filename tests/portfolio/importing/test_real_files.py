import pytest

from portfolio.importing.guessing import guess_stages
from portfolio.importing.keys import RowKeys
from portfolio.importing.refusals import FileRefused
from portfolio.importing.surveying import survey
from portfolio.importing.tables import open_table
from tests.portfolio.importing.files import REAL, needs_real_files

pytestmark = needs_real_files

# Name, rows, encoding or sheet, heading row, mapping by field, key columns.
# (VA: the sheet's 369 used rows and two blank ones hold 367 records under title and heading.)
FILES = [
    ("inventories/us_federal_2024_v2_cp1252.csv", 2133, "cp1252", 1,
     {"title": "Use Case Name", "business_unit": "Bureau", "stage": "Stage of Development",
      "problem": "What is the intended purpose and expected benefits of the AI?"}, ()),
    ("inventories/us_federal_2024_v1_utf8bom.csv", 1757, "utf-8-sig", 1,
     {"title": "2_use_case_name", "business_unit": "4_bureau", "stage": "16_dev_stage",
      "problem": "11_purpose_benefits"}, ()),
    ("inventories/us_federal_2023.csv", 710, "utf-8", 1,
     {"title": "Title", "problem": "Summary", "stage": "Development_Stage",
      "business_unit": "Department", "external_key": "Use_Case_ID"}, ("Use_Case_ID",)),
    ("inventories/us_federal_2024_slice.csv", 302, "utf-8", 1,
     {"title": "Use Case Name", "business_unit": "Bureau", "stage": "Stage of Development",
      "problem": "What is the intended purpose and expected benefits of the AI?"},
     ("Use Case Name", "What is the intended purpose and expected benefits of the AI?", "Bureau")),
    ("inventories/agency_2025_treasury.csv", 129, "utf-8-sig", 2,
     {"title": "Use Case Name", "business_unit": "Bureau/Component",
      "stage": "Stage of Development", "external_key": "Use Case ID",
      "problem": "What problem is the AI intended to solve?"}, ("Use Case ID",)),
    ("inventories/agency_2025_hud.xlsx", 11, "All Use Cases", 2,
     {"title": "Use Case Name", "business_unit": "Bureau/Component",
      "stage": "Stage of Development", "external_key": "Use Case ID [Agency Abbrev.] – [#]",
      "problem": "What problem is the AI intended to solve?"},
     ("Use Case ID [Agency Abbrev.] – [#]",)),
    ("inventories/agency_2025_va.xlsx", 367, "All Use Cases", 2,
     {"title": "Use Case Name", "business_unit": "VA Admin or Staff Office",
      "stage": "Development Stage", "external_key": "Use Case ID",
      "problem": "Problem to be Solved"}, ("Use Case ID",)),
    ("inventories/uk_atrs_records.csv", 136, "utf-8", 1,
     {"title": "tool_name", "business_unit": "publishing_body"}, ("url",)),
    ("trackers/jira_swa_backlog.csv", 32, "utf-8", 1,
     {"title": "Summary", "external_key": "Issue key", "stage": "Status"}, ("Issue key",)),
    ("trackers/rice_roadmap_9_initiatives.csv", 9, "utf-8", 1,
     {"title": "Initiative", "external_key": "#"}, ("#",)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "rows", "read_as", "heading", "mapping", "key"), FILES, ids=[f[0] for f in FILES]
)
def test_each_real_file_is_understood(name, rows, read_as, heading, mapping, key):
    table = open_table(REAL / name)
    found = survey(table)
    assert (table.reading.sheet or table.reading.encoding) == read_as
    assert table.reading.heading_row == heading
    assert found.total == rows
    assert found.wide_rows == 0
    assert {field: column for column, field in found.mapping.items()} == mapping
    assert found.key.columns == key
    assert sum(found.stages.values()) == (rows if "stage" in mapping else 0)
    row_keys = RowKeys(table.columns, found.key.columns)
    assert len({row_keys.key(row) for row in table.rows()}) == rows


def test_every_stage_of_the_federal_inventory_has_a_sensible_place():
    found = survey(open_table(REAL / "inventories/us_federal_2024_v2_cp1252.csv"))
    assert guess_stages(list(found.stages)) == {
        "Operation and Maintenance": "live", "Acquisition and/or Development": "building",
        "Initiated": "proposed", "Implementation and Assessment": "building",
        "Retired": "stopped", "Planned": "proposed", "In production": "live",
        "Ideation": "proposed", "Research or Administrative Action Complete": "proposed",
        "In mission": "live", "": "proposed",
    }  # fmt: skip


def test_windows_quotes_and_accents_arrive():
    table = open_table(REAL / "inventories/us_federal_2024_v2_cp1252.csv")
    assert table.column("Describe the AI system’s outputs.") is not None
    assert not any("\ufffd" in cell for row in table.rows() for cell in row.cells)


def test_letters_lost_before_are_told():
    found = survey(open_table(REAL / "inventories/us_federal_2023.csv"))
    assert any("letters that were lost" in note for note in found.notes)


def test_the_data_dictionary_is_no_table():
    with pytest.raises(FileRefused, match="no columns"):
        open_table(REAL / "inventories/us_federal_2024_data_dictionary.yaml")
