"""Answers without context: greetings, sums, remembered facts, a few set pieces, an echo."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from mara_minimax.emulator.arithmetic import find_calculation, spoken
from mara_minimax.emulator.retrieval import find
from mara_minimax.emulator.words import content_words, topic, words

_GREETING = re.compile(r"^\W*(hi|hello|hey|good (?:morning|evening|afternoon)|greetings)\b", re.I)
_HOW_ARE_YOU = re.compile(r"\bhow are you\b|\bhow do you do\b", re.I)
_NAME = re.compile(
    r"\b(?:[Mm]y name is|[Mm]y name's|[Cc]all me)\s+([A-Z][\w'-]*(?:\s+[A-Z][\w'-]*)*)"
    r"|\bI(?:'m| am)\s+([A-Z][\w-]+)(?=[\s,.!?]|$)"
)
_AGE = re.compile(r"\b(?:I(?:'m| am)|my age is)\s+(\d{1,3})\b", re.I)
_POSSESSION = re.compile(r"\bmy ([a-z][\w ]{1,30}?) (?:is|are) ([^.,!?\n]+)", re.I)
_ASKS_POSSESSION = re.compile(
    r"\b(?:what|who|which|where|when)(?:'s| is| are| was)\s+my ([a-z][\w ]{1,30}?)\s*\??$", re.I
)
_REPEAT = re.compile(
    r"^\W*(?:please )?(?:(?:say|repeat|echo|reply|respond|answer)\b[^:\"\n]{0,40}"
    r"(?::\s*(?P<rest>.+)|\"(?P<quoted>[^\"]+)\".*))$",
    re.I | re.DOTALL,
)
_SET_PIECES: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"\bjoke\b", re.I),
        "A byte walks into a bar and looks unwell. The barkeeper asks what is wrong, and it says: "
        "parity error. Thought so, says the barkeeper, you looked a bit off.",
    ),
    (
        re.compile(r"\bstory\b", re.I),
        "A lighthouse keeper found a lost puppy on the rocks and called it Echo. Every evening "
        "Echo barked once at the sea, and one night a small boat heard it and came home safely "
        "through the fog. The whole village danced, and Echo slept by the warm stove.",
    ),
    (
        re.compile(r"\bAPIs?\b"),
        "An API is a contract between two programs: one offers named operations with fixed inputs "
        "and outputs, and the other calls them without knowing how they are carried out. It lets "
        "teams change the inside of a service while everyone outside keeps working.",
    ),
    (
        re.compile(r"\bwho are you\b|\bwhat are you\b|\bwhich model\b|\byour name\b", re.I),
        "I am the emulator of mara-minimax: I speak the wire of a provider and contain no model.",
    ),
    (re.compile(r"^\W*(thanks|thank you)\b", re.I), "You are welcome."),
)


def small_talk(question: str, earlier: Sequence[str]) -> str:
    """An answer that depends on the question and on what the user said before."""
    return ready_answer(question, earlier) or (
        f'You asked about "{topic(question, question.strip()[:60])}"; this emulator has no model, '
        "so naming the subject is all it can do."
    )


def ready_answer(question: str, earlier: Sequence[str]) -> str:
    """An answer with substance, or nothing."""
    return next((text for rule in _RULES if (text := rule(question, earlier))), "")


def _repeat(question: str, _: Sequence[str]) -> str:
    match = _REPEAT.match(question.strip())
    return (match["rest"] or match["quoted"] or "").strip() if match else ""


def _remembered(question: str, earlier: Sequence[str]) -> str:
    said = "\n".join(earlier)
    name = _name_in(said)
    called = f", {name}" if name else ""
    lower = question.lower()
    if re.search(r"\bmy age\b|\bhow old am i\b", lower):
        age = _AGE.search(said)
        return f"You told me that you are {age[1]}{called}." if age else ""
    if re.search(r"\bmy name\b(?! is)|\bwho am i\b", lower) and name:
        return f"Your name is {name}."
    asked = _ASKS_POSSESSION.search(question.strip())
    if not asked:
        return ""
    for thing, value in reversed(_POSSESSION.findall(said)):
        if thing.lower().strip() == asked[1].lower().strip():
            return f"You told me that your {thing.strip()} is {value.strip()}."
    return ""


def _sum(question: str, _: Sequence[str]) -> str:
    calculation = find_calculation(question)
    if calculation is None:
        return ""
    name = _name_in(question)
    hello = f"Nice to meet you, {name}. " if name else ""
    shown = re.sub(r"\s*(\*\*|[-+*/%])\s*", r" \1 ", calculation.expression)
    return f"{hello}{shown} equals {spoken(calculation.value)}."


def _set_piece(question: str, _: Sequence[str]) -> str:
    return next((text for pattern, text in _SET_PIECES if pattern.search(question)), "")


def _greeting(question: str, _: Sequence[str]) -> str:
    name = _name_in(question)
    if _HOW_ARE_YOU.search(question):
        return "Hello! I am running well, thank you for asking how I am. How can I help?"
    if name:
        return f"Nice to meet you, {name}. How can I help?"
    substance = [word for word in content_words(question) if word.lower() not in {"there"}]
    if _GREETING.match(question) and len(substance) <= 2:
        return "Hello! How can I help?"
    return ""


def _earlier_statement(question: str, earlier: Sequence[str]) -> str:
    statements = "\n\n".join(text for text in earlier if not text.rstrip().endswith("?"))
    finding = find(question, statements, limit=1)
    if finding is None or len(words(question)) < 3:
        return ""
    return f"You said earlier: {finding.text}"


def _name_in(text: str) -> str:
    match = _NAME.search(text)
    return (match[1] or match[2]) if match else ""


_RULES: tuple[Callable[[str, Sequence[str]], str], ...] = (
    _repeat,
    _remembered,
    _sum,
    _greeting,
    _set_piece,
    _earlier_statement,
)
