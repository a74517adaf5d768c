"""Rules for the size and the weight of a parcel, in inches and pounds whatever the unit that was said."""

from shipanion.shipping.language.lexicon import (
    INCHES,
    PARCEL_WORDS,
    POUNDS,
    SIDE_WORDS,
    SMALLER_UNIT,
    UNIT_FILLERS,
    UNIT_NAMES,
    VAGUE,
    WEIGHT_FILLERS,
    WEIGHT_WORDS,
)
from shipanion.shipping.language.sentence import Sentence
from shipanion.shipping.parcel import number_text

__all__ = ["dimensions", "meant_unit", "one_parcel", "weight"]

_AFTER_SIDE = frozenset({"and", "by", "x", "from", "to"})
_STARTS = frozenset({"start", "starting", "started", "begin", "do"})


def dimensions(said: Sentence) -> str | None:
    """``"12x10x8"`` in inches, in the order said.

    Ambiguous: ``dimensions_twice``, ``dimensions_incomplete``.
    """
    found: list[str] = []
    at = 0
    while at < len(said.tokens):
        sides, end = _sides(said, at)
        if len(sides) < 2:
            at += 1
            continue
        if len(sides) == 3:
            found.append("x".join(number_text(side) for side in sides))
        else:
            said.ambiguous.add("dimensions_incomplete")
        said.take(at, end)
        at = end
    found += _one_by_one(said) if not found else []
    if len(set(found)) > 1:
        said.ambiguous.add("dimensions_twice")
        return None
    return found[0] if found else None


def _sides(said: Sentence, at: int) -> tuple[list[float], int]:
    """Numbers joined by x, each with or without a unit; the last unit holds for those without."""
    sides: list[tuple[float, float | None]] = []
    while (token := said.at(at)) is not None and token.kind == "number" and not token.zip:
        at += 1
        factor = _length_unit(said, at)
        if factor is not None:
            at += 1
        sides.append((token.value, factor))
        if not _joins_sides(said, at):
            break
        at += 1
    last = sides[-1][1] if sides else None
    return [value * (factor or last or 1.0) for value, factor in sides], at


def _one_by_one(said: Sentence) -> list[str]:
    """ "12 inches long, 10 wide and 8 high", "a 12 inch cube". Fewer than three sides are incomplete."""
    sides: list[float] = []
    unit: float | None = None
    for at, token in enumerate(said.tokens):
        if token.kind != "number" or token.zip or at in said.taken:
            continue
        factor = _length_unit(said, at + 1)
        end = at + (1 if factor is None else 2)
        if factor is None and said.word(end) not in SIDE_WORDS and not _after_side_word(said, at):
            continue
        unit = factor or unit
        length = token.value * (unit or 1.0)
        said.take(at, end)
        if said.word(end) == "cube":
            return ["x".join([number_text(length)] * 3)]
        sides.append(length)
    if len(sides) == 3:
        return ["x".join(number_text(side) for side in sides)]
    if sides:
        said.ambiguous.add("dimensions_incomplete")
    return []


def _after_side_word(said: Sentence, at: int) -> bool:
    """ "length 12, width 10", but not "a foot long 5 lb"."""
    after = said.word(at + 1)
    if after and after not in SIDE_WORDS and after not in _AFTER_SIDE:
        return False
    at -= 1
    while said.word(at) in WEIGHT_FILLERS:
        at -= 1
    return said.word(at) in SIDE_WORDS


def _length_unit(said: Sentence, at: int) -> float | None:
    return 1.0 if said.kind(at) == "inch" else INCHES.get(said.word(at))


def _joins_sides(said: Sentence, at: int) -> bool:
    joins = said.kind(at) == "by" or said.word(at) in ("x", "by")
    return joins and said.kind(at + 1) == "number"


def weight(said: Sentence) -> float | None:
    """Pounds, four decimals. Ambiguous: ``weight_twice``, ``weight_vague``, ``weight_range``."""
    found: list[float] = []
    refused: list[tuple[int, int]] = []
    unsure = False
    at = 0
    while at < len(said.tokens):
        pounds, end = _one_weight(said, at)
        if pounds is None:
            unsure = _vague(said, at) or unsure
            at += 1
            continue
        reason = _why_unsure(said, at)
        if said.word(at - 1) in ("not", "isnt"):
            refused.append((at, end))
        elif reason is None:
            found.append(round(pounds, 4))
            said.take(at, end)
        else:
            said.ambiguous.add(reason)
            unsure = True
        at = end
    if refused and (unsure or not found):
        said.ambiguous.add("weight_vague")
        unsure = True
    elif refused:
        # "not 5 pounds, 6 pounds"
        for start, end in refused:
            said.take(start, end)
    if len(set(found)) > 1:
        said.ambiguous.add("weight_twice")
    return found[0] if len(set(found)) == 1 and not unsure else None


def _one_weight(said: Sentence, at: int) -> tuple[float | None, int]:
    """One weight that begins at this token: "5 lb", "2 lb 8 oz", "half a pound", "weighs 5"."""
    token = said.at(at)
    if token is None or token.kind != "number" or token.plus_four or at in said.taken:
        return None, at
    end = at + 1
    # "half of a pound", but never "5 a pound", which is a price.
    between = ("of", "a", "an") if 0 < token.value < 1 else ()
    while said.word(end) in between or said.kind(end) == "dash":
        end += 1
    unit = POUNDS.get(said.word(end))
    if unit is None:
        return (token.value, at + 1) if not token.zip and _after_weight_word(said, at) else (None, at)
    half = said.at(end + 2)
    # "a pound and a half": a fraction with no unit of its own.
    if (
        said.word(end + 1) == "and"
        and half is not None
        and half.kind == "number"
        and 0 < half.value < 1
        and said.word(end + 3) not in (*POUNDS, "of", "a")
    ):
        return (token.value + half.value) * unit, end + 3
    return _with_smaller(said, token.value * unit, unit, end + 1)


def _with_smaller(said: Sentence, pounds: float, unit: float, end: int) -> tuple[float, int]:
    """The second part of "2 lb 8 oz", where there is one."""
    smaller = SMALLER_UNIT.get(unit)
    part = end
    while said.kind(part) in ("comma", "dash") or said.word(part) == "and" or _full_stop(said, part):
        part += 1
    token = said.at(part)
    if smaller is None or token is None or token.kind != "number" or token.zip or token.value < 0:
        return pounds, end
    if POUNDS.get(said.word(part + 1)) != smaller:
        return pounds, end
    return pounds + token.value * smaller, part + 2


def _full_stop(said: Sentence, at: int) -> bool:
    """ "2 lb. 8 oz.": the point of an abbreviation."""
    token = said.at(at)
    return token is not None and token.text == "." and said.word(at - 1) in POUNDS


def _after_weight_word(said: Sentence, at: int) -> bool:
    """ "weight is about 5": pounds, as everywhere here, when no unit is said."""
    if _length_unit(said, at + 1) is not None or _joins_sides(said, at + 1):
        return False
    at -= 1
    while said.word(at) in WEIGHT_FILLERS:
        at -= 1
    return said.word(at) in WEIGHT_WORDS


def _vague(said: Sentence, at: int) -> bool:
    """ "a few pounds" has no number that could be left over, but it does speak of a weight."""
    after = (said.word(at + 1), said.word(at + 2) if said.word(at + 1) == "of" else "")
    if _starts_over(said, at) or (said.word(at) == "not" and _corrected_unit(said, at)):
        return False
    if said.word(at) in VAGUE and any(word in POUNDS for word in after):
        said.ambiguous.add("weight_vague")
        return True
    return False


def _why_unsure(said: Sentence, at: int) -> str | None:
    before, joint = said.at(at - 2), said.at(at - 1)
    loose = before is not None and before.kind == "number" and not before.zip and at - 2 not in said.taken
    if loose and joint is not None and (joint.word in ("to", "or", "and") or joint.kind == "dash"):
        return "weight_range"
    # Up to two words back: "not a 5 lb box", "more than about 5 lb".
    near = [place for place in (at - 1, at - 2) if said.word(at - 1) and not _starts_over(said, place)]
    return "weight_vague" if any(said.word(place) in VAGUE for place in near) else None


def _starts_over(said: Sentence, at: int) -> bool:
    """ "start over, 2 lb": this "over" makes no weight another one."""
    return said.word(at) == "over" and said.word(at - 1) in _STARTS


def _corrected_unit(said: Sentence, at: int) -> bool:
    """ "8 ounces, not pounds": the weight is there, and the unit that it is not in says nothing more."""
    before = at - 1 if said.kind(at - 1) != "comma" else at - 2
    unit, last = POUNDS.get(said.word(before)), said.kind(at + 2)
    other = POUNDS.get(said.word(at + 1))
    if last == "comma" and POUNDS.get(said.word(at + 3), other) != other:
        return True  # "not ounces, pounds"
    return unit is not None and unit != other and last in ("", "stop", "comma")


def meant_unit(said: Sentence) -> str | None:
    """ "I meant ounces": the unit that the figure before should have had, of ``lexicon.UNIT_NAMES``' values."""
    words = [word for word in said.words if word not in UNIT_FILLERS]
    # "ounces, not pounds" and "not pounds, ounces"
    negated = {said.word(at + 1) for at in range(len(said.tokens)) if said.word(at) == "not"}
    units = {UNIT_NAMES[POUNDS[word]] for word in words if word in POUNDS and word not in negated}
    only_units = bool(words) and all(word in POUNDS for word in words)
    if len(units) != 1 or not only_units or any(token.kind in ("number", "odd") for token in said.tokens):
        return None
    return units.pop()


def one_parcel(said: Sentence) -> None:
    """ "one package", "one more package": what everybody sends; any other count is left over, to be asked about."""
    for at, token in enumerate(said.tokens):
        one = token.kind == "number" and token.value == 1 and not token.zip
        if one and said.word(at + 1 + (said.word(at + 1) == "more")) in PARCEL_WORDS:
            said.take(at, at + 1)
