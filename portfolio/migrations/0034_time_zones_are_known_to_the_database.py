from django.db import migrations


class Migration(migrations.Migration):
    """A zone that only the computer knew stopped whatever counts days by it."""

    dependencies = [
        ('portfolio', '0033_imports_tell_of_other_titles'),
    ]

    operations = [
        migrations.RunSQL(
            "UPDATE portfolio_portfolio SET time_zone = 'UTC'"
            " WHERE time_zone NOT IN (SELECT name FROM pg_timezone_names)",
            migrations.RunSQL.noop,
        )
    ]
