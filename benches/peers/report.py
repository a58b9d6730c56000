"""The table and the chart of a run."""
from statistics import median

# How many times less CPU imagraph is to use than whom.
BARS = {
    ("pHash, 12 MP JPEG", "sharp + sharp-phash"): 2.5,
    ("pHash, 12 MP progressive JPEG", "sharp + sharp-phash"): 30,
    ("pHash, 2 MP JPEG", "sharp + sharp-phash"): 5,
    ("pHash, 2 MP PNG", "sharp + sharp-phash"): 2,
    ("pHash, 2 MP lossy WebP", "sharp + sharp-phash"): 0.7,
    ("the same with libwebp", "sharp + sharp-phash"): 2,
    ("metadata without pixels", "sharp.metadata"): 30,
    ("GraphQL, one file", "mercurius"): 3.5,
    ("GraphQL, one file", "Apollo Server"): 8,
    ("GraphQL, 100 aliases", "mercurius"): 2.5,
    ("GraphQL, 100 aliases", "Apollo Server"): 4,
}
# MB over idle that imagraph may take.
MEMORY_BAR = ("pHash, 12 MP JPEG", 16)


def medians(kept: dict) -> dict:
    """Of (case, contender): CPU ms and MB, over the rounds."""
    middle = lambda values: None if None in values else median(values)
    return {key: tuple(map(middle, zip(*rounds))) for key, rounds in kept.items()}


def ratios(figures: dict):
    """Of each case and peer: how many times imagraph's CPU it takes."""
    for (case, contender), (cpu, _) in figures.items():
        if contender != "imagraph":
            yield case, contender, cpu / figures[case, "imagraph"][0]


def table(figures: dict, heading: str) -> str:
    lines = [heading, "", "| | | CPU ms | MB over idle | imagraph takes less CPU | to reach |", "|---|---|--:|--:|--:|---|"]
    by_case = dict(((case, peer), ratio) for case, peer, ratio in ratios(figures))
    for (case, contender), (cpu, memory) in figures.items():
        ratio, bar = by_case.get((case, contender)), BARS.get((case, contender))
        reached = "" if bar is None else f"{bar:g}x: {verdict(ratio >= bar)}"
        if contender == "imagraph" and case == MEMORY_BAR[0]:
            reached = f"{MEMORY_BAR[1]} MB: {verdict(memory <= MEMORY_BAR[1])}"
        cells = [case, contender, f"{cpu:.3g}", "" if memory is None else f"{memory:.1f}",
                 "" if ratio is None else f"{ratio:.1f}x", reached]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def verdict(reached: bool) -> str:
    return "reached" if reached else "**not reached**"


STYLE = ("text{font:13px system-ui,sans-serif;fill:#24292f}.case{font-weight:600}.bar{fill:#3b7dd8}.one{stroke:#8b949e}"
         "@media(prefers-color-scheme:dark){text{fill:#e6edf3}.bar{fill:#58a6ff}}")
WIDTH, LEFT, LINE, SCALE_TO = 760, 250, 22, 430


def chart(figures: dict, heading: str) -> str:
    """Bars on a logarithmic scale: left of the line at 1x a peer takes less."""
    from math import log10

    rows, last = [], None
    highest = max(ratio for _, _, ratio in ratios(figures))
    lowest = min(0.5, min(ratio for _, _, ratio in ratios(figures)))
    place = lambda ratio: LEFT + SCALE_TO * log10(ratio / lowest) / log10(highest / lowest)
    y = 44
    for case, peer, ratio in ratios(figures):
        if case != last:
            y += LINE + 6
            rows.append(f'<text class="case" x="12" y="{y}">{case}</text>')
            last = case
        y += LINE
        start, end = sorted((place(1), place(ratio)))
        rows.append(f'<text x="{LEFT - 12}" y="{y}" text-anchor="end">{peer}</text>'
                    f'<rect class="bar" x="{start:.1f}" y="{y - 12}" width="{max(end - start, 1):.1f}" height="15" rx="2"/>'
                    f'<text x="{end + 6:.1f}" y="{y}">{ratio:.1f}x</text>')
    title = "CPU that peers take for what imagraph takes 1 for (logarithmic)"
    line = f'<line class="one" x1="{place(1):.1f}" x2="{place(1):.1f}" y1="54" y2="{y + 8}"/>'
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {y + 20}" role="img"><title>{title}</title>'
            f'<style>{STYLE}</style><text class="case" x="12" y="22">{title}</text>'
            f'<text x="12" y="42">{heading}</text>{line}{"".join(rows)}</svg>\n')
