"""The table that a run prints: one line a path, a mark where an aim is missed."""

from bench.rounds import Line

FORM = "{:<34} {:>10} {:>10} {:>7} {:>6} {:>6}  {:<6} {}"


def head() -> str:
    words = ("path", "ours p50", "floor p50", "ratio", "aim", "noise", "", "floor")
    return f"{FORM.format(*words)}\n{'-' * 118}"


def line(one: Line) -> str:
    mark = "" if one.aim is None else "MISSED" if one.is_missed else "ok"
    return FORM.format(
        one.path,
        milliseconds(one.ours),
        milliseconds(one.floor),
        f"{one.ratio:.1f}",
        f"{one.aim:g}" if one.aim is not None else "",
        f"{one.noise:.0%}",
        mark,
        one.floor_is,
    )


def milliseconds(seconds: float) -> str:
    amount = seconds * 1_000
    return f"{amount:,.2f} ms" if amount < 100 else f"{amount:,.0f} ms"
