from django.db import migrations

EDITED = "economics_changed"
MEASUREMENT = "measurement"
FIELDS = ("low", "likely", "high")


def fill(apps, schema_editor):
    """Every assumption that a measurement replaced, as the events told it. Safe to repeat: a use
    case that has rows already is left alone."""
    Event = apps.get_model("portfolio", "Event")
    Measured = apps.get_model("portfolio", "MeasuredAssumption")
    done = set(Measured.objects.values_list("use_case_id", flat=True))
    guessed = {}  # (use case, input): low, likely, high, by, at of what is assumed
    proven = {}  # the same of what was assumed before anything was measured
    rows = []
    events = Event.objects.filter(kind=EDITED, use_case__isnull=False).order_by("pk")
    for event in events.iterator():
        changed = event.what.get("changed")
        if not isinstance(changed, dict) or event.use_case_id in done:
            continue
        for name, told in changed.items():
            key = (event.use_case_id, name)
            after = told[1] if isinstance(told, list) and len(told) == 2 else None
            if name == "route" or (after is not None and not isinstance(after, list)):
                continue
            if after is None:
                guessed.pop(key, None)
            elif len(after) < 4:
                continue
            elif after[3] != MEASUREMENT:
                guessed[key] = (*after[:3], event.by_id, event.at)
            else:
                said = proven.get(key) or guessed.get(key)
                if said is None or said[3] is None:
                    continue
                proven[key] = said
                rows.append(
                    Measured(
                        use_case_id=event.use_case_id, name=name[:24], low=said[0], likely=said[1],
                        high=said[2], said_by_id=said[3], said_at=said[4], measured=after[1],
                        measured_by_id=event.by_id, measured_at=event.at,
                        source=(after[4] if len(after) > 4 and after[4] else "")[:250],
                    )
                )
    Measured.objects.bulk_create(rows, batch_size=1000)


class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0027_assumptions_stay_beside_what_was_measured'),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
