import django.contrib.postgres.indexes
import django.db.models.functions.text
import portfolio.querysets.searching
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):

    atomic = False  # the index is made while people go on writing

    dependencies = [
        ('portfolio', '0015_scenarios_are_told'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='usecase',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(portfolio.querysets.searching.SearchText(models.F('title'), models.F('business_unit'), django.db.models.functions.text.Left('problem', 1000)), 'gin_trgm_ops'), name='use_case_search'),
        ),
    ]
