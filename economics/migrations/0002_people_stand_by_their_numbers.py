import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

AS_OF = """
UPDATE portfolio_standing AS standing SET value_as_of = least(
    (SELECT min(at) FROM economics_assumption AS given
     WHERE given.economics_id = standing.use_case_id
       AND given.name NOT IN ('estimated_build_cost', 'discount_rate', 'ramp_months')),
    (SELECT min(at) FROM economics_routestep AS step
     WHERE step.economics_id = standing.use_case_id))
WHERE net_per_month IS NOT NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ('economics', '0001_what_it_costs_and_returns'),
        ('portfolio', '0025_what_is_derived_ages'),
    ]

    operations = [
        migrations.AddField(
            model_name='uniteconomics',
            name='confirmed_by',
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+',
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name='uniteconomics', name='confirmed_at', field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(AS_OF, migrations.RunSQL.noop),
    ]
