import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from portfolio.importing import running
from portfolio.models import Import, UseCase

LIST = "Key,Title,Stage\nA-1,Triage,Idea\nA-2,,Live\n"
ADDRESS = "/api/v1/portfolios/ACME/imports/"


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


def send(client, text=LIST, **parts):
    file = SimpleUploadedFile("list.csv", text if isinstance(text, bytes) else text.encode())
    return client.post(ADDRESS, {"file": file, **parts}, format="multipart")


def test_a_script_brings_a_file_in(api, contributor, portfolio):
    client = api(contributor)
    answer = send(client)
    assert answer.status_code == 202
    assert answer["Location"] == f"{ADDRESS}{answer.json()['id']}/"
    assert answer.json()["state"] == "queued"
    running.run(answer.json()["id"], timezone.now)
    body = client.get(answer["Location"]).json()
    assert {name: body[name] for name in ("state", "total", "done", "created", "failed")} == {
        "state": "done", "total": 2, "done": 2, "created": 1, "failed": 1,
    }  # fmt: skip
    assert body["errors"] == [
        {"row": 3, "column": "Title", "message": "The title is empty.", "kept_out": True}
    ]
    assert UseCase.objects.get().title == "Triage"
    assert [row["id"] for row in client.get(ADDRESS).json()["results"]] == [body["id"]]


def test_a_mapping_and_a_dry_run(api, contributor, portfolio):
    parts = {"mapping": json.dumps({"Key": "title"}), "dry_run": "true", "key_columns": "[]"}
    sent = send(api(contributor), **parts).json()
    running.run(sent["id"], timezone.now)
    body = api(contributor).get(f"{ADDRESS}{sent['id']}/").json()
    assert (body["dry_run"], body["created"]) == (True, 2)
    assert not UseCase.objects.exists()


@pytest.mark.parametrize("dry_run", ["true", "false"])
def test_who_keeps_a_copy_learns_how_it_ends(api, contributor, portfolio, dry_run):
    client = api(contributor)
    sent = send(client, dry_run=dry_run).json()
    before = client.get(ADDRESS)
    known = client.get(f"{ADDRESS}?updated_since=0")["X-Revision"]
    running.run(sent["id"], timezone.now)
    now = client.get(ADDRESS, headers={"If-None-Match": before["ETag"]})
    assert (now.status_code, now.json()["results"][0]["state"]) == (200, "done")
    told = client.get(f"{ADDRESS}?updated_since={known}").json()["results"]
    assert [(row["id"], row["state"]) for row in told] == [(sent["id"], "done")]


@pytest.mark.parametrize(
    ("parts", "field"),
    [
        ({"mapping": "{"}, "mapping"),
        ({"mapping": "[]"}, "mapping"),
        ({"mapping": '{"Title": "nonsense"}'}, "mapping"),
        ({"stages": '{"Live": "decided"}'}, "stages"),
        ({"encoding": "klingon"}, "encoding"),
        ({"surprise": "1"}, "surprise"),
        ({"text": b"%PDF-1.7"}, "file"),
        ({"text": b""}, "file"),
    ],
)
def test_wrong_shapes_are_400_with_their_field(api, contributor, portfolio, parts, field):
    answer = send(api(contributor), **parts)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"].split(".")[0] == field
    assert not Import.objects.exists()


def test_no_file_at_all_and_no_multipart(api, contributor, portfolio):
    assert api(contributor).post(ADDRESS, {}, format="multipart").status_code == 400
    assert api(contributor).post(ADDRESS, {}, format="json").status_code == 415


def test_who_may(api, viewer, stranger, contributor, portfolio):
    assert send(api(None)).status_code == 401
    assert send(api(stranger)).status_code == 404
    assert send(api(viewer)).status_code == 403
    already = {"already_there": "true", "override_reason": "They run"}
    assert send(api(contributor), **already).status_code == 403
    assert not Import.objects.exists()


def test_progress_is_another_version(api, contributor, portfolio):
    client = api(contributor)
    sent = send(client)
    first = client.get(sent["Location"])
    assert client.get(sent["Location"], headers={"If-None-Match": first["ETag"]}).status_code == 304
    running.run(sent.json()["id"], timezone.now)
    assert client.get(sent["Location"], headers={"If-None-Match": first["ETag"]}).status_code == 200
