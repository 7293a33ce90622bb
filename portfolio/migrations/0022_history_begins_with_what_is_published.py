from django.db import migrations

KEPT = (
    "rank, place, score, impact, feasibility, unrated, stale_inputs, p_first, p_top3,"
    " rank_low, rank_high, outcome, data, review, economics, disqualified"
)
BEGIN = f"""
INSERT INTO portfolio_pastplace (use_case_id, portfolio_id, day, {KEPT})
SELECT standing.use_case_id, standing.portfolio_id,
       (ranking.computed_at AT TIME ZONE portfolio.time_zone)::date, {KEPT}
FROM portfolio_standing AS standing
JOIN portfolio_ranking AS ranking USING (portfolio_id)
JOIN portfolio_portfolio AS portfolio ON portfolio.id = standing.portfolio_id
WHERE standing.rank IS NOT NULL AND ranking.computed_at IS NOT NULL
ON CONFLICT (use_case_id, day) DO NOTHING
"""


class Migration(migrations.Migration):

    dependencies = [
        ('portfolio', '0021_the_ranking_remembers_each_day'),
    ]

    operations = [migrations.RunSQL(BEGIN, migrations.RunSQL.noop)]
