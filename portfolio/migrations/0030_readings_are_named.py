from django.db import migrations


def fill(apps, schema_editor):
    """What each reading is of, as it was called when it was entered: as the contract said before
    its next amendment, else as the outcome test says. Safe to repeat."""
    Reading = apps.get_model("portfolio", "Reading")
    Amendment = apps.get_model("portfolio", "Amendment")
    amended = {}  # lighthouse: [(when, what the success metric and its unit were until then)]
    for one in Amendment.objects.order_by("-at", "-pk").iterator():
        changed = {name: one.changes[name][0] for name in ("metric", "unit") if name in one.changes}
        if changed:
            amended.setdefault(one.lighthouse_id, []).append((one.at, changed))
    rows = Reading.objects.filter(metric="").select_related(
        "guardrail", "lighthouse__contract", "lighthouse__use_case__success_metric"
    )
    named = []
    for row in rows.iterator(chunk_size=1000):
        row.metric, row.unit = name_of(row, amended.get(row.lighthouse_id, ()))
        named.append(row)
        if len(named) == 1000:
            Reading.objects.bulk_update(named, ["metric", "unit"])
            named = []
    Reading.objects.bulk_update(named, ["metric", "unit"])


def name_of(row, amended):
    contract = getattr(row.lighthouse, "contract", None)
    if row.guardrail is not None:
        sealed = contract.guardrails if contract else []
        name = row.guardrail.metric
        units = [one["unit"] for one in sealed if one["metric"].casefold() == name.casefold()]
        return name, units[0] if units else row.guardrail.unit
    agreed = contract or getattr(row.lighthouse.use_case, "success_metric", None)
    said = {"metric": agreed.metric, "unit": agreed.unit} if agreed else {"metric": "", "unit": ""}
    for at, before in amended:  # the last one first
        if at > row.entered_at:
            said.update(before)
    return said["metric"], said["unit"]


class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0029_a_reading_names_its_metric'),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
