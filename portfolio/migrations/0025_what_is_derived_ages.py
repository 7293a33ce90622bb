from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0024_a_past_place_knows_its_value'),
    ]

    operations = [
        migrations.AddField(
            model_name='standing', name='data_as_of', field=models.DateTimeField(null=True),
        ),
        migrations.AddField(
            model_name='standing', name='value_as_of', field=models.DateTimeField(null=True),
        ),
    ]
