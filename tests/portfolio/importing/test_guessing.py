import pytest

from portfolio.importing.guessing import (
    Shape,
    as_task_type,
    as_yes_or_no,
    guess_columns,
    guess_stage,
    guess_stages,
)


def shapes(**columns):
    return {name.replace("_", " "): Shape.of(values) for name, values in columns.items()}


def test_jira_summary_is_the_title():
    found = guess_columns(
        {
            "Summary": Shape.of(["Map size", "Create page", "Event card"]),
            "Issue key": Shape.of(["A-1", "A-2", "A-3"]),
            "Issue id": Shape.of(["1", "2", "3"]),
            "Assignee Id": Shape.of(["7", "8", "9"]),
            "Status": Shape.of(["To Do", "Done", "Done"]),
        }
    )
    assert found == {"Summary": "title", "Issue key": "external_key", "Status": "stage"}


def test_beside_a_title_a_long_summary_is_the_problem():
    found = guess_columns(
        shapes(Title=["A b", "C d"], Summary=["words " * 40, "other words " * 30])
    )
    assert found == {"Title": "title", "Summary": "problem"}


def test_nothing_is_mapped_twice():
    found = guess_columns(shapes(Title=["A", "B"], Name=["C", "D"], Use_Case_Name=["E", "F"]))
    assert found == {"Use Case Name": "title"}


def test_a_remembered_mapping_wins_also_where_it_says_nothing():
    columns = shapes(Title=["A", "B"], Name=["C", "D"], Stage=["Idea", "Live"])
    found = guess_columns(columns, {"Name": "title", "Stage": "", "Gone": "problem"})
    assert found == {"Name": "title"}


@pytest.mark.parametrize(
    "heading", ["System Name", "Vendor(s) Name", "High-Impact Status", "Justification", "Reach",
                "25_hisp_name", "Resolution", "Confidence", "Reporter Id"],
)  # fmt: skip
def test_what_only_sounds_alike_is_left_alone(heading):
    assert guess_columns({heading: Shape.of(["High-impact x", "Not high-impact y"])}) == {}


def test_a_column_that_repeats_itself_is_no_key():
    assert guess_columns({"ID": Shape.of(["1", "1", "2", "2"])}) == {}


def test_customer_facing_needs_answers():
    assert guess_columns({"Customer facing?": Shape.of(["Yes", "no"])}) == {
        "Customer facing?": "customer_facing"
    }
    assert guess_columns({"Customer facing?": Shape.of(["some words", "others"])}) == {}


@pytest.mark.parametrize(
    ("value", "stage"),
    [
        ("Initiated", "proposed"), ("Planned (not in production)", "proposed"),
        ("Ideation", "proposed"), ("Backlog", "proposed"), ("To Do", "proposed"),
        ("Selected for Development", "selected"), ("In Progress", "building"),
        ("Acquisition and/or Development", "building"),
        ("Implementation and Assessment", "building"),
        ("a) Pre-deployment – The use case is in a development or acquisition status.", "building"),
        ("Pilot - The use case has been deployed in a limited test or pilot capacity.", "building"),
        ("c)  Deployed – The use case is being actively authorized or utilized.", "live"),
        ("Operation and Maintenance", "live"), ("In production: more than 1 year", "live"),
        ("Successfully tested but not in production.", "building"), ("Done", "live"),
        ("In mission", "live"), ("In-use", "live"), ("On Hold", "parked"),
        ("d) Retired – The use case was reported, but its use has since been discontinued.",
         "stopped"),
        ("Won't Do", "stopped"), ("", ""), ("Purple", ""),
    ],
)  # fmt: skip
def test_stages(value, stage):
    assert guess_stage(value) == stage


def test_an_unknown_stage_is_proposed_and_a_remembered_one_wins():
    assert guess_stages(["Purple", "Live"], {"Live": "building"}) == {
        "Purple": "proposed",
        "Live": "building",
    }


@pytest.mark.parametrize(
    ("value", "answer"),
    [("Yes", True), ("a) No", False), ("X", True), ("internal", False), ("perhaps", None)],
)
def test_yes_or_no(value, answer):
    assert as_yes_or_no(value) is answer


@pytest.mark.parametrize(
    ("value", "kind"),
    [("Reasoning-heavy", "reasoning"), ("routine at scale", "routine"),
     ("Domain-specific", "domain"), ("Computer Vision", "")],
)  # fmt: skip
def test_task_types(value, kind):
    assert as_task_type(value) == kind
