import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):

    atomic = False

    dependencies = [
        ('portfolio', '0017_candidates_that_look_the_same'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='usecase',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper(django.db.models.functions.text.Left('problem', 80)), 'gin_trgm_ops'), name='use_case_problem_search'),
        ),
    ]
