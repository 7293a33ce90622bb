import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("portfolio", "0025_what_is_derived_ages"),
    ]

    operations = [
        migrations.AddField(
            model_name="bulkchange",
            name="asked",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="bulkchange",
            name="due_on",
            field=models.DateField(null=True),
        ),
        migrations.AlterField(
            model_name="bulkchange",
            name="change",
            field=models.CharField(
                choices=[
                    ("stage", "stage"),
                    ("owner", "owner"),
                    ("business_unit", "business unit"),
                    ("task_type", "task type"),
                    ("park", "park"),
                    ("test", "test"),
                ],
                max_length=16,
            ),
        ),
    ]
