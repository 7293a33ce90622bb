import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# Who last changed the sources of a use case is told by its feed; where that is silent, they are as
# old as the use case.
ANSWERED = """
UPDATE assessments_datasource AS source SET answered_at = use_case.created_at
FROM portfolio_usecase AS use_case WHERE use_case.id = source.use_case_id;
UPDATE assessments_datasource AS source SET answered_at = said.at, answered_by_id = said.by_id
FROM (SELECT DISTINCT ON (use_case_id) use_case_id, at, by_id FROM portfolio_event
      WHERE kind = 'tests_answered' AND what -> 'changed' ? 'data.sources'
      ORDER BY use_case_id, id DESC) AS said
WHERE said.use_case_id = source.use_case_id;
UPDATE portfolio_standing AS standing SET data_as_of = greatest(
    (SELECT min(answered_at) FROM assessments_datasource AS source
     WHERE source.use_case_id = standing.use_case_id AND source.required),
    (SELECT data_confirmed_at FROM assessments_fourtests AS tests
     WHERE tests.use_case_id = standing.use_case_id))
WHERE data_readiness_likely IS NOT NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ('assessments', '0005_ratings_are_found_by_age'),
        ('portfolio', '0025_what_is_derived_ages'),
    ]

    operations = [
        migrations.AddField(
            model_name='datasource',
            name='answered_by',
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+',
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name='datasource', name='answered_at', field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(ANSWERED, migrations.RunSQL.noop),
        # What the deferred keys have yet to check stands in the way of another change of the table.
        migrations.RunSQL('SET CONSTRAINTS ALL IMMEDIATE', migrations.RunSQL.noop),
        migrations.AlterField(
            model_name='datasource', name='answered_at', field=models.DateTimeField(),
        ),
    ]
