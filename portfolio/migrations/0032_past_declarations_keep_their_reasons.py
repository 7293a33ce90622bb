from django.db import migrations


def fill(apps, schema_editor):
    """What is published of a declared lighthouse is what was declared, unless a later correction
    made another verdict of it. Safe to repeat."""
    Lighthouse = apps.get_model("portfolio", "Lighthouse")
    rows = Lighthouse.objects.filter(
        declared_at__isnull=False, reasons_at_declaration=[]
    ).select_related("standing")
    kept = []
    for row in rows.iterator():
        if row.standing.verdict == row.computed_at_declaration and row.standing.verdict_reasons:
            row.reasons_at_declaration = row.standing.verdict_reasons
            row.words_at_declaration = row.standing.reason_words
            kept.append(row)
    fields = ["reasons_at_declaration", "words_at_declaration"]
    Lighthouse.objects.bulk_update(kept, fields, batch_size=1000)


class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0031_a_declared_verdict_keeps_its_reasons'),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
