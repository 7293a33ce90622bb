from django.db import migrations, models

# A use case that was moved back since a declaration stands on another attempt.
LEFT_BEHIND = """
    UPDATE portfolio_lighthouse AS lighthouse
    SET left_behind_at = back.at
    FROM (
        SELECT lighthouse.id, min(event.at) AS at
        FROM portfolio_lighthouse AS lighthouse
        JOIN portfolio_event AS event ON event.use_case_id = lighthouse.use_case_id
        WHERE lighthouse.declared_at <= event.at AND event.kind = 'moved'
          AND event.what ->> 'to' IN ('proposed', 'qualified', 'selected', 'mobilising')
        GROUP BY lighthouse.id
    ) AS back
    WHERE back.id = lighthouse.id
"""


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0006_a_problem_knows_its_row")]

    operations = [
        migrations.AddField(
            model_name="lighthouse",
            name="left_behind_at",
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.RunSQL(LEFT_BEHIND, migrations.RunSQL.noop),
    ]
