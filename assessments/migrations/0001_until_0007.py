"""Judgement as 7 migrations made it, in one step for a new database."""

import assessments.models.rating
import django.core.validators
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.functions.text
import re
from decimal import Decimal
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    replaces = [
        ('assessments', '0001_criteria_ratings_and_the_four_tests'),
        ('assessments', '0002_blind_rounds_and_what_is_sealed_in_them'),
        ('assessments', '0003_people_are_asked'),
        ('assessments', '0004_weights_are_kept_under_a_name'),
        ('assessments', '0005_ratings_are_found_by_age'),
        ('assessments', '0006_sources_know_who_answered'),
        ('assessments', '0007_ranges_can_be_widened'),
    ]

    initial = True

    dependencies = [
        ('portfolio', '0027_assumptions_stay_beside_what_was_measured'),
    ]

    operations = [
        migrations.CreateModel(
            name='Criterion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.BigIntegerField(db_index=True, default=0, editable=False)),
                ('portfolio', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portfolio.portfolio')),
                ('slug', models.CharField(max_length=40, validators=[django.core.validators.RegexValidator(re.compile('\\A[a-z][a-z0-9_]{1,39}\\Z'), 'Small letters, digits and _, such as ai_fit.')])),
                ('name', models.CharField(max_length=80)),
                ('axis', models.CharField(choices=[('impact', 'impact'),
        ('feasibility', 'feasibility')], max_length=11)),
                ('weight', models.DecimalField(decimal_places=2, default=1, max_digits=6, validators=[django.core.validators.MinValueValidator(0)])),
                ('question', models.TextField()),
                ('anchor_0', models.CharField(blank=True, max_length=250, verbose_name='what 0 looks like')),
                ('anchor_3', models.CharField(blank=True, max_length=250, verbose_name='what 3 looks like')),
                ('anchor_5', models.CharField(blank=True, max_length=250, verbose_name='what 5 looks like')),
                ('derived_from', models.CharField(blank=True, choices=[('annual_value', 'annual value'),
        ('data_readiness', 'data readiness')], editable=False, max_length=14)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('retired_at', models.DateTimeField(blank=True, editable=False, null=True)),
            ],
            options={
                'verbose_name_plural': 'criteria',
                'constraints': [models.UniqueConstraint(fields=('portfolio', 'slug'), name='one_criterion_per_slug', violation_error_message='A criterion with this slug is there already.'), models.CheckConstraint(condition=models.Q(('weight__gte', 0)), name='a_weight_is_never_below_zero', violation_error_message='A weight is 0 or more.')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Disqualifier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.BigIntegerField(db_index=True, default=0, editable=False)),
                ('use_case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portfolio.usecase')),
                ('kind', models.CharField(choices=[('wrong_tool', 'wrong tool'),
        ('compliance_blocker', 'compliance blocker'),
        ('low_human_error', 'low human error'),
        ('accuracy_demanded', 'accuracy demanded')], max_length=18)),
                ('evidence', models.TextField()),
                ('raised_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('raised_at', models.DateTimeField()),
                ('resolution', models.TextField(blank=True)),
                ('resolved_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('resolved_at', models.DateTimeField(blank=True, null=True)),
                ('overruled_reason', models.TextField(blank=True)),
                ('overruled_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('overruled_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('overruled_at', None), ('resolved_at', None)), fields=('use_case', 'kind'), name='one_open_disqualifier_per_kind', violation_error_message='This one is raised already, and open.')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Widening',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.BigIntegerField(db_index=True, default=0, editable=False)),
                ('portfolio', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portfolio.portfolio')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('factor', models.DecimalField(decimal_places=1, max_digits=2)),
                ('set_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('set_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('portfolio', 'person'), name='one_widening_per_person_and_portfolio'), models.CheckConstraint(condition=models.Q(('factor__gte', Decimal('1.1')), ('factor__lte', Decimal('3'))), name='ranges_widen_by_1_1_to_3', violation_error_message='Ranges are widened by a factor of 1.1 to 3.')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Scenario',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.BigIntegerField(db_index=True, default=0, editable=False)),
                ('portfolio', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portfolio.portfolio')),
                ('name', models.CharField(max_length=80)),
                ('weights', models.JSONField(default=dict)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('is_shared', models.BooleanField(default=False, verbose_name='shared')),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(models.F('portfolio'), models.F('by'), django.db.models.functions.text.Lower('name'), name='one_scenario_per_name_and_person', violation_error_message='You have a scenario of this name already.')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='FourTests',
            fields=[
                ('revision', models.BigIntegerField(db_index=True, default=0, editable=False)),
                ('use_case', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='portfolio.usecase')),
                ('reviewer', models.CharField(blank=True, max_length=250)),
                ('outputs', models.CharField(blank=True, choices=[('all', 'all'),
        ('sampled', 'sampled'),
        ('low_confidence', 'low confidence')], max_length=16)),
                ('sampled_percent', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100)])),
                ('decision', models.TextField(blank=True)),
                ('feedback', models.TextField(blank=True)),
                ('data_confirmed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('data_confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('outcome_evidence', models.TextField(blank=True)),
                ('data_evidence', models.TextField(blank=True)),
                ('review_evidence', models.TextField(blank=True)),
                ('economics_evidence', models.TextField(blank=True)),
            ],
            options={
                'verbose_name_plural': 'four tests',
                'constraints': [models.CheckConstraint(condition=models.Q(('sampled_percent', None), ('sampled_percent__range', (1, 100)), _connector='OR'), name='a_sample_is_1_to_100_percent', violation_error_message='A sampled share is 1 to 100 %.')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='DataSource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.BigIntegerField(db_index=True, default=0, editable=False)),
                ('use_case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portfolio.usecase')),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('name', models.CharField(max_length=120)),
                ('system', models.CharField(blank=True, max_length=120)),
                ('use', models.CharField(blank=True, choices=[('learn', 'learn'),
        ('retrieve', 'retrieve'),
        ('evaluate', 'evaluate')], max_length=8)),
                ('required', models.BooleanField(default=True)),
                ('schema_consistent', models.BooleanField(blank=True, null=True)),
                ('is_clean', models.BooleanField(blank=True, null=True)),
                ('access_cleared', models.BooleanField(blank=True, null=True)),
                ('usable', models.CharField(blank=True, choices=[('yes', 'yes'),
        ('not_yet', 'not yet'),
        ('no', 'no')], max_length=8)),
                ('answered_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('answered_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('use_case', 'name'), name='one_data_source_per_name', violation_error_message='A source of this name is there already.')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='PersonsNo',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.BigIntegerField(db_index=True, default=0, editable=False)),
                ('use_case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portfolio.usecase')),
                ('test', models.CharField(choices=[('outcome', 'outcome'),
        ('data', 'data'),
        ('review', 'review'),
        ('economics', 'economics')], max_length=9)),
                ('reason', models.TextField(blank=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('at', models.DateTimeField()),
                ('withdrawn_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('withdrawn_at', models.DateTimeField(blank=True, null=True)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('withdrawn_at', None)), fields=('use_case', 'test'), name='one_standing_no_per_test')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='AnswerDraft',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('use_case', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='portfolio.usecase')),
                ('part', models.CharField(max_length=12)),
                ('typed', models.JSONField(default=dict)),
                ('at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('user', 'use_case', 'part'), name='one_draft_per_part')],
                'indexes': [],
            },
        ),
        migrations.CreateModel(
            name='Rating',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.BigIntegerField(db_index=True, default=0, editable=False)),
                ('use_case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portfolio.usecase')),
                ('criterion', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='ratings', to='assessments.criterion')),
                ('assessor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('low', assessments.models.rating.Point(decimal_places=1, max_digits=2, validators=[django.core.validators.MinValueValidator(0, 'A rating is 0 to 5.'), django.core.validators.MaxValueValidator(5, 'A rating is 0 to 5.')])),
                ('likely', assessments.models.rating.Point(decimal_places=1, max_digits=2, validators=[django.core.validators.MinValueValidator(0, 'A rating is 0 to 5.'), django.core.validators.MaxValueValidator(5, 'A rating is 0 to 5.')])),
                ('high', assessments.models.rating.Point(decimal_places=1, max_digits=2, validators=[django.core.validators.MinValueValidator(0, 'A rating is 0 to 5.'), django.core.validators.MaxValueValidator(5, 'A rating is 0 to 5.')])),
                ('evidence', models.TextField(blank=True)),
                ('rated_at', models.DateTimeField()),
                ('after_seeing', models.BooleanField(db_default=False, default=False)),
                ('tenths', models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Cast(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('low'), '+', django.db.models.expressions.CombinedExpression(models.Value(4), '*', models.F('likely'))), '+', models.F('high')), '*', models.Value(10)), models.SmallIntegerField()), output_field=models.SmallIntegerField())),
            ],
            options={
                'indexes': [models.Index(fields=['criterion', 'use_case'], include=('tenths',), name='rating_for_ranking'), models.Index(fields=['criterion', 'rated_at'], name='rating_by_age')],
                'constraints': [models.UniqueConstraint(fields=('use_case', 'criterion', 'assessor'), name='one_rating_per_assessor'), models.CheckConstraint(condition=models.Q(('likely__lte', models.F('high')), ('low__gte', 0), ('low__lte', models.F('likely')), ('high__lte', 5)), name='low_likely_high_rise_from_0_to_5', violation_error_message='Low, likely and high rise, from 0 to 5.')],
            },
            bases=(assessments.models.rating.Points, models.Model),
        ),
        migrations.CreateModel(
            name='Request',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.BigIntegerField(db_index=True, default=0, editable=False)),
                ('use_case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portfolio.usecase')),
                ('test', models.CharField(blank=True, choices=[('outcome', 'outcome'),
        ('data', 'data'),
        ('review', 'review'),
        ('economics', 'economics')], max_length=9)),
                ('criterion', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assessments.criterion')),
                ('asked', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('note', models.TextField(blank=True, max_length=2000)),
                ('due_on', models.DateField(blank=True, null=True)),
                ('made_at', models.DateTimeField()),
                ('reminded_at', models.DateTimeField(editable=False, null=True)),
                ('ending', models.CharField(blank=True, choices=[('answered', 'Answered'),
        ('declined', 'Declined'),
        ('withdrawn', 'Withdrawn')], max_length=9)),
                ('words', models.TextField(blank=True, max_length=2000, verbose_name='what they said')),
                ('ended_at', models.DateTimeField(editable=False, null=True)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('ended_at', None)), fields=['asked'], name='request_by_person')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('criterion__isnull', False), ('test', '')), models.Q(models.Q(('test', ''), _negated=True), ('criterion', None)), _connector='OR'), name='a_request_is_about_a_test_or_a_criterion'), models.UniqueConstraint(condition=models.Q(('ended_at', None), models.Q(('test', ''), _negated=True)), fields=('use_case', 'test'), name='a_test_is_assigned_to_one_person'), models.UniqueConstraint(condition=models.Q(('criterion__isnull', False), ('ended_at', None)), fields=('use_case', 'criterion', 'asked'), name='a_person_is_asked_once_for_a_rating')],
            },
        ),
        migrations.CreateModel(
            name='Round',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.BigIntegerField(db_index=True, default=0, editable=False)),
                ('portfolio', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portfolio.portfolio')),
                ('name', models.CharField(max_length=120)),
                ('due_on', models.DateField()),
                ('opened_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('opened_at', models.DateTimeField()),
                ('closed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('closed_at', models.DateTimeField(blank=True, null=True)),
                ('closed_because', models.CharField(blank=True, choices=[('by_hand', 'by hand'),
        ('all_given', 'all given'),
        ('due', 'due')], max_length=9)),
                ('candidates', models.ManyToManyField(related_name='+', to='portfolio.usecase')),
                ('criteria', models.ManyToManyField(related_name='+', to='assessments.criterion')),
                ('assessors', models.ManyToManyField(related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('closed_at', None)), fields=['due_on'], name='round_still_open')],
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('closed_at', None), ('closed_because', '')), models.Q(('closed_at__isnull', False), models.Q(('closed_because', ''), _negated=True)), _connector='OR'), name='a_closed_round_says_why')],
            },
        ),
        migrations.CreateModel(
            name='SealedRating',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.BigIntegerField(db_index=True, default=0, editable=False)),
                ('round', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assessments.round')),
                ('use_case', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='portfolio.usecase')),
                ('criterion', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='assessments.criterion')),
                ('assessor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('low', assessments.models.rating.Point(decimal_places=1, max_digits=2, validators=[django.core.validators.MinValueValidator(0, 'A rating is 0 to 5.'), django.core.validators.MaxValueValidator(5, 'A rating is 0 to 5.')])),
                ('likely', assessments.models.rating.Point(decimal_places=1, max_digits=2, validators=[django.core.validators.MinValueValidator(0, 'A rating is 0 to 5.'), django.core.validators.MaxValueValidator(5, 'A rating is 0 to 5.')])),
                ('high', assessments.models.rating.Point(decimal_places=1, max_digits=2, validators=[django.core.validators.MinValueValidator(0, 'A rating is 0 to 5.'), django.core.validators.MaxValueValidator(5, 'A rating is 0 to 5.')])),
                ('evidence', models.TextField(blank=True)),
                ('rated_at', models.DateTimeField()),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('round', 'use_case', 'criterion', 'assessor'), name='one_sealed_rating_per_assessor'), models.CheckConstraint(condition=models.Q(('likely__lte', models.F('high')), ('low__gte', 0), ('low__lte', models.F('likely')), ('high__lte', 5)), name='sealed_low_likely_high_rise', violation_error_message='Low, likely and high rise, from 0 to 5.')],
                'indexes': [],
            },
            bases=(assessments.models.rating.Points, models.Model),
        ),
    ]
