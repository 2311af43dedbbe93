"""A person's whole name in one column, as first and last name."""

# Words that belong to the last name behind them, as people write them inside of a name.
PARTICLES = {
    *("af", "al", "av", "ben", "bin", "da", "das", "de", "degli", "dei", "del", "della", "den"),
    *("der", "di", "do", "dos", "du", "el", "ibn", "la", "las", "le", "los", "mac", "san"),
    *("santa", "st", "st.", "te", "ten", "ter", "van", "vande", "vander", "vom", "von", "y"),
    *("zu", "zum", "zur", "'t", "'s", "’t", "’s"),
}


def split_name(whole: str) -> tuple[str, str]:
    """Return first and last name: `Isabel de Castro` is Isabel, de Castro; so is `Castro, Isabel`.

    The last word is the last name, with the particles before it; one word is a first name.
    """
    if whole.count(",") == 1:
        last, first = (part.strip() for part in whole.split(","))
        if first and last:
            return first, last
    words = whole.split()
    at = len(words) - 1
    while at > 1 and words[at - 1].casefold() in PARTICLES:
        at -= 1
    return (" ".join(words[:at]), " ".join(words[at:])) if at > 0 else (whole, "")
