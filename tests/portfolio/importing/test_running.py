import datetime

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils import timezone

from portfolio.actions.importing import (
    Meaning,
    NotNow,
    Sent,
    import_file,
    read_again,
    say_what_it_means,
    send_file,
    start_import,
    stop_import,
)
from portfolio.errors import NotAllowed
from portfolio.importing import looking, running
from portfolio.importing.refusals import FileRefused
from portfolio.importing.tables import Reading
from portfolio.models import (
    Event,
    GateOverride,
    Import,
    ImportProblem,
    Membership,
    Portfolio,
    Standing,
    UseCase,
)
from portfolio.models.events import Kind
from tests.portfolio.importing.files import REAL, needs_real_files

NOW = datetime.datetime(2026, 3, 2, 9, tzinfo=datetime.UTC)
LIST = "Key,Title,Problem,Team,Stage\nA-1,Triage,Slow answers,Care,Idea\nA-2,Letters,,Care,Live\n"


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def send(text, name="list.csv", **options):
    content = text if isinstance(text, bytes) else text.encode()
    return Sent(ContentFile(content, name), name, **options)


def bring_in(actor, portfolio, text, *, dry_run=False, **meaning):
    sent = send(text, meaning=Meaning(**meaning))
    done = import_file(actor, portfolio, sent, NOW, dry_run=dry_run)
    running.run(done.pk, timezone.now)
    done.refresh_from_db()
    return done


def counts(done):
    return done.created, done.updated, done.unchanged, done.failed


def titles(portfolio):
    return list(
        UseCase.objects.in_portfolio(portfolio.pk).by_number().values_list("reference", "title")
    )


def test_a_file_is_looked_at_and_its_meaning_proposed(act, contributor, portfolio, rung):
    sent = send_file(act(contributor), portfolio, send(LIST), NOW)
    assert sent.state == "looking"
    running.run(sent.pk, timezone.now)
    sent.refresh_from_db()
    assert sent.state == "uploaded"
    assert sent.total == 2
    assert sent.mapping == {
        "Key": "external_key", "Title": "title", "Problem": "problem", "Team": "business_unit",
        "Stage": "stage",
    }  # fmt: skip
    assert sent.key_columns == ["Key"]
    assert sent.stages == {"Idea": "proposed", "Live": "live"}
    assert looking.stages_of(sent) == {"Idea": 1, "Live": 1}


@pytest.mark.django_db(transaction=True)
def test_sending_rings_for_a_worker(act, contributor, portfolio, rung):
    sent = send_file(act(contributor), portfolio, send(LIST), NOW)
    assert ("portfolio.run_import", (sent.pk,)) in rung()


def test_rows_come_in_as_proposed_candidates_with_a_standing_and_an_event(
    act, contributor, portfolio
):
    done = bring_in(act(contributor), portfolio, LIST)
    assert (done.state, counts(done)) == ("done", (2, 0, 0, 0))
    first, second = UseCase.objects.in_portfolio(portfolio.pk).by_number()
    assert (first.reference, first.title, first.problem) == ("ACME-1", "Triage", "Slow answers")
    assert (first.external_key, first.business_unit, first.proposed_by) == (
        "A-1", "Care", contributor,
    )  # fmt: skip
    assert (second.stage, second.source_stage) == ("proposed", "Live")
    standing = Standing.objects.get(pk=second.pk)
    assert standing.revision == second.revision
    told = Event.objects.get(pk=second.revision)
    assert (told.kind, told.use_case_id, told.by) == (
        Kind.USE_CASE_IMPORTED, second.pk, contributor,
    )  # fmt: skip
    portfolio.refresh_from_db()
    assert portfolio.ranking_wanted == portfolio.revision
    assert Event.objects.get(pk=portfolio.revision).what["created"] == 2
    assert not first.lighthouses.exists()


def test_again_nothing_changes(act, contributor, portfolio):
    bring_in(act(contributor), portfolio, LIST)
    before = titles(portfolio)
    again = bring_in(act(contributor), portfolio, LIST)
    assert counts(again) == (0, 0, 2, 0)
    assert titles(portfolio) == before


def test_again_mapped_columns_follow_and_empty_cells_change_nothing(act, sponsor, portfolio):
    bring_in(act(sponsor), portfolio, LIST)
    use_case = UseCase.objects.get(reference="ACME-1")
    UseCase.objects.filter(pk=use_case.pk).update(stage="qualified")
    changed = "Key,Title,Problem,Team,Stage,Note\nA-1,Triage 2,,Sales,Live,new\nA-2,Letters,,,\n"
    again = bring_in(act(sponsor), portfolio, changed)
    assert counts(again) == (0, 1, 1, 0)
    before, use_case = use_case, UseCase.objects.get(pk=use_case.pk)
    assert (use_case.title, use_case.problem, use_case.business_unit) == (
        "Triage 2", "Slow answers", "Sales",
    )  # fmt: skip
    assert (use_case.stage, use_case.source_stage) == ("qualified", "Live")
    assert use_case.extra == {"Note": "new"}
    assert use_case.revision > before.revision
    assert Event.objects.get(pk=use_case.revision).kind == Kind.USE_CASE_UPDATED_BY_IMPORT


def test_who_may_not_sign_in_any_more_brings_nothing_in(act, contributor, portfolio):
    sent = import_file(act(contributor), portfolio, send(LIST), NOW, dry_run=False)
    contributor.is_active = False
    contributor.save(update_fields=["is_active"])
    running.run(sent.pk, timezone.now)
    sent.refresh_from_db()
    assert sent.state == "failed"
    assert not UseCase.objects.exists()


def test_another_idea_under_an_old_key_is_told_before_it_comes_in(act, sponsor, portfolio, client):
    bring_in(act(sponsor), portfolio, LIST)
    again = LIST.replace("Triage", "Rota planning").replace("Letters", "Letters to customers")
    tried = bring_in(act(sponsor), portfolio, again, dry_run=True)
    told = {"row": 2, "reference": "ACME-1", "was": "Triage", "title": "Rota planning"}
    assert (tried.retitled_count, tried.retitled) == (1, [told])
    client.force_login(sponsor)
    page = client.get(f"/portfolios/ACME/settings/imports/{tried.pk}/").content.decode()
    assert "1 candidate would get a title without a word of the old one" in page
    assert titles(portfolio)[0] == ("ACME-1", "Triage")


@pytest.mark.parametrize("key", ["A-1", "4711"])
def test_what_was_entered_by_hand_under_the_external_key_is_taken_up(act, sponsor, portfolio, key):
    UseCase.objects.create(
        portfolio=portfolio, number=7, reference="ACME-7", title="By hand", external_key=key,
        stage_entered_at=NOW, created_at=NOW,
    )  # fmt: skip
    Portfolio.objects.filter(pk=portfolio.pk).update(last_number=7)
    file = LIST.replace("A-1", key)
    done = bring_in(act(sponsor), portfolio, file)
    assert counts(done) == (1, 1, 0, 0)
    assert titles(portfolio) == [("ACME-7", "Triage"), ("ACME-8", "Letters")]
    assert counts(bring_in(act(sponsor), portfolio, file)) == (0, 0, 2, 0)


def test_unmapped_columns_are_kept_and_repeated_ones_as_lists(act, sponsor, portfolio):
    text = "Issue key,Summary,Labels,Labels,Empty\nA-1,Triage,x,y,\n"
    bring_in(act(sponsor), portfolio, text)
    assert UseCase.objects.get(reference="ACME-1").extra == {"Labels": ["x", "y"]}


def test_good_rows_are_not_held_back_and_bad_ones_are_told(act, sponsor, portfolio):
    text = (
        "Key,Title,Customer facing\nA-1,,yes\nA-2,Letters,perhaps\nA-3,Mail,no,stray\nA-4,B,yes\n"
    )
    done = bring_in(
        act(sponsor), portfolio, text,
        mapping={"Key": "external_key", "Title": "title", "Customer facing": "customer_facing"},
    )  # fmt: skip
    assert counts(done) == (2, 0, 0, 2)
    told = list(ImportProblem.objects.of(done.pk).by_row())
    assert [(problem.row, problem.column, problem.kept_out) for problem in told] == [
        (2, "Title", True), (3, "Customer facing", False), (4, "", True),
    ]  # fmt: skip
    assert told[0].cells == ["A-1", "", "yes"]
    assert UseCase.objects.get(external_key="A-2").extra == {"Customer facing": "perhaps"}
    assert UseCase.objects.get(external_key="A-4").customer_facing is True


def test_a_long_title_is_shortened_and_all_of_it_kept(act, sponsor, portfolio):
    done = bring_in(act(sponsor), portfolio, f"Key,Title\nA-1,{'word ' * 80}\n")
    use_case = UseCase.objects.get(reference="ACME-1")
    assert len(use_case.title) <= 250
    assert use_case.title.endswith("…")
    assert use_case.extra["Title"] == ("word " * 80).strip()
    assert counts(done) == (1, 0, 0, 0)
    assert "shortened" in ImportProblem.objects.of(done.pk).get().message


def test_equal_keys_all_come_in_and_all_match_next_time(act, sponsor, portfolio):
    text = "Key,Title\nA,Same\nA,Same\nB,Other\nA,Third\n"
    assert counts(bring_in(act(sponsor), portfolio, text)) == (4, 0, 0, 0)
    assert counts(bring_in(act(sponsor), portfolio, text)) == (0, 0, 4, 0)


def test_two_lists_of_bare_numbers_do_not_meet(act, sponsor, portfolio):
    bring_in(act(sponsor), portfolio, "Use Case ID,Title\n1,One\n2,Two\n")
    assert counts(bring_in(act(sponsor), portfolio, "#,Initiative\n1,Uno\n2,Due\n")) == (2, 0, 0, 0)


def test_a_dry_run_writes_nothing_but_what_it_found(act, sponsor, portfolio):
    before = Event.objects.count()
    done = bring_in(act(sponsor), portfolio, LIST + ",,,,\nA-9,,,,\n", dry_run=True)
    assert (done.state, done.dry_run, counts(done)) == ("done", True, (2, 0, 0, 1))
    assert not UseCase.objects.exists()
    assert Event.objects.count() == before + 1  # that a file was sent
    start_import(act(sponsor), done.pk, NOW, dry_run=False)
    running.run(done.pk, timezone.now)
    done.refresh_from_db()
    assert (done.state, done.dry_run, counts(done)) == ("done", False, (2, 0, 0, 1))
    assert ImportProblem.objects.of(done.pk).count() == 1


def test_past_proposed_only_where_a_sponsor_says_so(act, sponsor, contributor, portfolio):
    with pytest.raises(NotAllowed):
        bring_in(act(contributor), portfolio, LIST, already_there=True, override_reason="It runs")
    with pytest.raises(ValidationError):
        bring_in(act(sponsor), portfolio, LIST, already_there=True)
    bring_in(act(sponsor), portfolio, LIST, already_there=True, override_reason="It runs")
    first, second = UseCase.objects.in_portfolio(portfolio.pk).by_number()
    assert (first.stage, second.stage) == ("proposed", "live")
    override = GateOverride.objects.get()
    assert (override.use_case, override.to_stage, override.reason, override.by) == (
        second, "live", "It runs", sponsor,
    )  # fmt: skip
    assert "The ship date is recorded" in [found["condition"] for found in override.conditions]


def test_titles_that_are_there_already_are_shown(act, sponsor, portfolio):
    bring_in(act(sponsor), portfolio, LIST)
    text = "Key,Title\nB-1,TRIAGE!\nB-2,New one\nB-3,new  one\n"
    done = bring_in(act(sponsor), portfolio, text, dry_run=True)
    assert done.duplicate_count == 2
    assert done.duplicates == [
        {"row": 2, "title": "TRIAGE!", "like": "ACME-1"},
        {"row": 4, "title": "new one", "like": "row 3"},
    ]


def test_values_of_a_list_come_in_one_by_one(act, sponsor, portfolio):
    bring_in(act(sponsor), portfolio, "Key,Title,Jobs\nA-1,T,sort; answer; sort\nA-2,U,sort\n")
    wide, narrow = UseCase.objects.in_portfolio(portfolio.pk).by_number()
    assert wide.jobs == ["sort", "answer"]
    assert narrow.jobs == ["sort"]
    assert narrow.segments == []


def test_a_contributor_may_not_change_by_file_what_they_may_not_by_hand(
    act, contributor, portfolio
):
    bring_in(act(contributor), portfolio, LIST)
    UseCase.objects.filter(reference="ACME-1").update(stage="building")
    done = bring_in(act(contributor), portfolio, LIST.replace("Triage", "Other"))
    assert counts(done) == (0, 0, 1, 1)
    assert "may not" in ImportProblem.objects.of(done.pk).get().message


def test_a_viewer_and_a_stranger_may_not_send_a_file(act, viewer, stranger, portfolio, tmp_path):
    for user in (viewer, stranger):
        with pytest.raises(NotAllowed):
            send_file(act(user), portfolio, send(LIST), NOW)
    assert not Import.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_who_loses_the_right_stops_the_import(act, contributor, portfolio):
    sent = import_file(act(contributor), portfolio, send(LIST), NOW, dry_run=False)
    Membership.objects.filter(user=contributor).update(role="viewer")
    running.run(sent.pk, timezone.now)
    sent.refresh_from_db()
    assert sent.state == "failed"
    assert "may no longer" in sent.message
    assert not UseCase.objects.exists()


def test_what_is_no_table_is_refused_and_not_kept(act, sponsor, portfolio, tmp_path):
    with pytest.raises(FileRefused):
        send_file(act(sponsor), portfolio, send(b"%PDF-1.7", "list.pdf"), NOW)
    assert not Import.objects.exists()
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_a_fault_deep_in_the_file_fails_the_import_in_words(act, sponsor, portfolio):
    text = "Key,Title\n" + "".join(f"A-{n},Title {n}\n" for n in range(600)) + 'B,"open\nC,x\n'
    sent = import_file(act(sponsor), portfolio, send(text), NOW, dry_run=False)
    running.run(sent.pk, timezone.now)
    sent.refresh_from_db()
    assert sent.state == "failed"
    assert "row 602" in sent.message


def test_a_file_without_a_title_says_so(act, sponsor, portfolio):
    done = bring_in(act(sponsor), portfolio, "Colour,Weight\nred,1\nblue,2\n")
    assert done.state == "failed"
    assert "title" in done.message


def test_a_file_with_names_of_columns_only_says_so(act, sponsor, portfolio):
    done = bring_in(act(sponsor), portfolio, "Title,Problem\n")
    assert done.state == "failed"
    assert "Nothing stands below the row that names the columns" in done.message


def test_a_killed_import_goes_on_without_doubling(act, sponsor, portfolio):
    rows = "".join(f"K,Title {n // 2}\n" for n in range(1_300))  # equal keys on both sides
    sent = import_file(act(sponsor), portfolio, send("Key,Title\n" + rows), NOW, dry_run=False)

    class Killed(Exception):
        pass

    calls = []

    def clock():
        calls.append(1)
        if len(calls) > 3:
            raise Killed
        return NOW

    with pytest.raises(Killed):
        running.run(sent.pk, clock)
    sent.refresh_from_db()
    assert sent.state == "running"
    assert 0 < sent.position < 1_300
    assert UseCase.objects.count() == sent.position
    running.run(sent.pk, timezone.now)
    sent.refresh_from_db()
    assert (sent.state, counts(sent)) == ("done", (1_300, 0, 0, 0))
    assert UseCase.objects.values("import_key").distinct().count() == 1_300


def test_running_a_finished_import_again_does_nothing(act, sponsor, portfolio):
    done = bring_in(act(sponsor), portfolio, LIST)
    running.run(done.pk, timezone.now)
    assert UseCase.objects.count() == 2


def test_a_mapping_is_remembered_for_the_portfolio(act, sponsor, portfolio):
    text = "Code,What,Remark\nx1,Triage,Letters\nx2,Other,Words\n"
    first = send_file(act(sponsor), portfolio, send(text), NOW)
    running.run(first.pk, timezone.now)
    say_what_it_means(
        act(sponsor), first.pk,
        Meaning(mapping={"Remark": "title", "Code": "external_key"}, key_columns=["Code"]),
    )  # fmt: skip
    start_import(act(sponsor), first.pk, NOW, dry_run=False)
    running.run(first.pk, timezone.now)
    second = send_file(act(sponsor), portfolio, send(text), NOW)
    running.run(second.pk, timezone.now)
    second.refresh_from_db()
    assert second.mapping == {"Remark": "title", "Code": "external_key"}
    assert second.key_columns == ["Code"]
    assert second.survey["remembered"] is True


def test_another_heading_row_is_looked_at_again(act, sponsor, portfolio):
    sent = send_file(act(sponsor), portfolio, send("a,b\n" + LIST), NOW)
    read_again(act(sponsor), sent.pk, Reading(heading_row=2))
    running.run(sent.pk, timezone.now)
    sent.refresh_from_db()
    assert sent.columns == ["Key", "Title", "Problem", "Team", "Stage"]
    assert sent.total == 2


@pytest.mark.parametrize(
    "meaning",
    [
        Meaning(mapping={"Title": "nonsense"}),
        Meaning(mapping={"Title": "title", "Team": "title"}),
        Meaning(mapping={"Nowhere": "title"}),
        Meaning(mapping={"Team": "business_unit"}),
        Meaning(stages={"Live": "decided"}),
        Meaning(key_columns=["Nowhere"]),
    ],
)
def test_a_meaning_that_cannot_be_is_refused(act, sponsor, portfolio, meaning):
    sent = send_file(act(sponsor), portfolio, send(LIST), NOW)
    running.run(sent.pk, timezone.now)
    with pytest.raises(ValidationError):
        say_what_it_means(act(sponsor), sent.pk, meaning)


def test_a_running_import_can_be_stopped_and_not_changed(act, sponsor, portfolio):
    sent = import_file(act(sponsor), portfolio, send(LIST), NOW, dry_run=False)
    with pytest.raises(NotNow):
        say_what_it_means(act(sponsor), sent.pk, Meaning())
    stop_import(act(sponsor), sent.pk, NOW)
    running.run(sent.pk, timezone.now)
    sent.refresh_from_db()
    assert sent.state == "failed"
    assert not UseCase.objects.exists()
    with pytest.raises(NotNow):
        stop_import(act(sponsor), sent.pk, NOW)


@pytest.mark.long
@needs_real_files
def test_the_federal_inventory_comes_in_whole_and_again_without_doubling(act, sponsor, portfolio):
    content = (REAL / "inventories/us_federal_2024_v2_cp1252.csv").read_bytes()
    done = bring_in(act(sponsor), portfolio, content)
    assert (done.total, counts(done)) == (2133, (2133, 0, 0, 0))
    assert UseCase.objects.count() == Standing.objects.count() == 2133
    again = bring_in(act(sponsor), portfolio, content)
    assert counts(again) == (0, 0, 2133, 0)
    assert UseCase.objects.count() == 2133


@pytest.mark.long
@needs_real_files
@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("inventories/us_federal_2024_v1_utf8bom.csv", 1757),
        ("inventories/us_federal_2023.csv", 710),
        ("inventories/agency_2025_treasury.csv", 129),
        ("inventories/agency_2025_hud.xlsx", 11),
        ("inventories/agency_2025_va.xlsx", 367),
        ("inventories/uk_atrs_records.csv", 136),
        ("trackers/jira_swa_backlog.csv", 32),
        ("trackers/rice_roadmap_9_initiatives.csv", 9),
    ],
)
def test_each_real_file_comes_in_whole_and_again_without_doubling(
    act, sponsor, portfolio, name, rows
):
    content = (REAL / name).read_bytes()
    assert counts(bring_in(act(sponsor), portfolio, content)) == (rows, 0, 0, 0)
    assert counts(bring_in(act(sponsor), portfolio, content)) == (0, 0, rows, 0)
