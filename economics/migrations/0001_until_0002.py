"""What it costs and returns as 2 migrations made it, in one step for a new database."""

import django.db.models.constraints
import django.db.models.deletion
import economics.models
import portfolio.models.pipeline
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('economics', '0001_what_it_costs_and_returns'),
        ('economics', '0002_people_stand_by_their_numbers'),
    ]

    initial = True

    dependencies = [
        ('portfolio', '0025_what_is_derived_ages'),
    ]

    operations = [
        migrations.CreateModel(
            name='UnitEconomics',
            fields=[
                ('revision', models.BigIntegerField(db_index=True, default=0, editable=False)),
                ('use_case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='portfolio.usecase')),
                ('value_kind', models.CharField(blank=True, choices=[('cash', 'cash'),
        ('capacity', 'capacity'),
        ('avoided', 'avoided')], max_length=8)),
                ('route_kind', models.CharField(blank=True, choices=[('split', 'split'),
        ('cascade', 'cascade')], max_length=7)),
                ('currency', models.CharField(max_length=3)),
                ('usd_rate', portfolio.models.pipeline.Amount(blank=True, decimal_places=6, max_digits=18, null=True)),
                ('usd_rate_on', models.DateField(blank=True, null=True)),
                ('usd_rate_source', models.CharField(blank=True, max_length=250)),
                ('usd_rate_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('llm_cost', economics.models.Figure(decimal_places=6, max_digits=32, null=True)),
                ('cost_per_interaction', economics.models.Figure(decimal_places=6, max_digits=32, null=True)),
                ('value_per_month', economics.models.Figure(decimal_places=6, max_digits=32, null=True)),
                ('gross_margin', economics.models.Figure(decimal_places=6, max_digits=32, null=True)),
                ('net_per_month', economics.models.Figure(decimal_places=6, max_digits=32, null=True)),
                ('net_margin', economics.models.Figure(decimal_places=6, max_digits=32, null=True)),
                ('annual_net_value', economics.models.Figure(decimal_places=6, max_digits=32, null=True)),
                ('break_even_volume', economics.models.Figure(decimal_places=6, max_digits=32, null=True)),
                ('never_breaks_even', models.BooleanField(default=False)),
                ('build_cost', economics.models.Figure(decimal_places=6, max_digits=32, null=True)),
                ('npv_12', economics.models.Figure(decimal_places=6, max_digits=32, null=True)),
                ('payback_months', economics.models.Figure(decimal_places=6, max_digits=32, null=True)),
                ('never_pays_back', models.BooleanField(default=False)),
                ('missing', models.JSONField(default=dict)),
                ('price_date', models.DateField(null=True)),
                ('priced_by', models.CharField(blank=True, max_length=60)),
                ('computed_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name_plural': 'unit economics',
                'constraints': [models.CheckConstraint(condition=models.Q(('usd_rate', None), ('usd_rate__gt', 0), _connector='OR'), name='a_usd_rate_is_above_zero', violation_error_message='An exchange rate is above zero.')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Assumption',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('economics', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='assumptions', to='economics.uniteconomics')),
                ('name', models.CharField(choices=[('calls', 'calls per interaction'),
        ('input_tokens', 'input tokens per call'),
        ('cached_share', 'cached share of the input'),
        ('output_tokens', 'output tokens per call'),
        ('retry_share', 'retry share'),
        ('tool_cost', 'tool cost per call'),
        ('review_share', 'share of outputs reviewed'),
        ('review_minutes', 'minutes per reviewed output'),
        ('hourly_rate', 'hourly rate of the reviewer'),
        ('volume_per_month', 'interactions a month at target scale'),
        ('success_share', 'success share'),
        ('value_per_success', 'value per success'),
        ('fixed_per_month', 'fixed cost a month'),
        ('estimated_build_cost', 'estimated build cost'),
        ('discount_rate', 'yearly discount rate'),
        ('ramp_months', 'ramp months')], max_length=24)),
                ('low', portfolio.models.pipeline.Amount(decimal_places=6, max_digits=18)),
                ('likely', portfolio.models.pipeline.Amount(decimal_places=6, max_digits=18)),
                ('high', portfolio.models.pipeline.Amount(decimal_places=6, max_digits=18)),
                ('basis', models.CharField(choices=[('assumption', 'assumption'),
        ('measurement', 'measurement')], default='assumption', max_length=11)),
                ('source', models.CharField(blank=True, max_length=250)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('economics', 'name'), name='one_assumption_per_input'), models.CheckConstraint(condition=models.Q(('low__lte', models.F('likely')), ('likely__lte', models.F('high')), ('low__gte', 0)), name='an_assumption_rises_from_zero_or_more', violation_error_message='Low ≤ likely ≤ high, none below 0.')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='RouteStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('economics', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='steps', to='economics.uniteconomics')),
                ('position', models.PositiveSmallIntegerField()),
                ('provider', models.CharField(blank=True, max_length=60)),
                ('model', models.CharField(blank=True, max_length=120)),
                ('share_low', models.DecimalField(decimal_places=6, max_digits=7)),
                ('share_likely', models.DecimalField(decimal_places=6, max_digits=7)),
                ('share_high', models.DecimalField(decimal_places=6, max_digits=7)),
                ('manual_input', portfolio.models.pipeline.Amount(blank=True, decimal_places=6, max_digits=18, null=True)),
                ('manual_cached', portfolio.models.pipeline.Amount(blank=True, decimal_places=6, max_digits=18, null=True)),
                ('manual_output', portfolio.models.pipeline.Amount(blank=True, decimal_places=6, max_digits=18, null=True)),
                ('manual_reason', models.CharField(blank=True, max_length=500)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField()),
                ('price_per_call', economics.models.PerCall(decimal_places=12, max_digits=32, null=True)),
                ('priced_as', models.CharField(blank=True, max_length=250)),
                ('price_words', models.CharField(blank=True, max_length=500)),
            ],
            options={
                'ordering': ['position'],
                'constraints': [models.UniqueConstraint(deferrable=django.db.models.constraints.Deferrable['DEFERRED'], fields=('economics', 'position'), name='one_route_step_per_position')],
                'indexes': [],
            },
        ),
    ]
