"""Text has enough contrast in the light and in the dark theme, by the style sheet's colours."""

import re

from tests.page.files import PAGE


def test_text_has_enough_contrast_in_both_schemes() -> None:
    """WCAG AA demands 4.5 to 1. The colours are variables of the style sheet."""
    style = (PAGE / "style.css").read_text("utf-8")
    first = re.search(r":root \{(.*?)\}", style, re.S)
    assert first is not None
    dark = dict(re.findall(r"--([\w-]+): (#[0-9a-f]+)", first[1]))
    for theme in re.findall(r":root \{(.*?)\}", style, re.S):
        colours = dict(re.findall(r"--([\w-]+): (#[0-9a-f]+)", theme))
        for text in ("ink", "muted", "good", "bad", "warn", "accent"):
            for ground in ("ground", "panel", "sunk"):
                assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)
        for text in ("board-ink", "board-muted"):
            assert contrast(dark[text], colours["board"]) >= 4.5, text
        assert contrast(dark["flap-ink"], colours["flap-top"]) >= 7
        assert contrast(colours["on-accent"], colours["accent"]) >= 4.5


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour: str) -> float:
    """Return the luminance of `#rrggbb` or `#rgb`, from 0 to 1."""
    digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
    parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
