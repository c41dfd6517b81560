"""Prompts of frameworks that want a fixed form of answer: choices, verdicts, keywords, titles.

The wordings are those of llama-index-core 0.14 (2026-11); each rule recognises one of them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from mara_minimax.emulator.prompt import Prompt
from mara_minimax.emulator.reply import Draft
from mara_minimax.emulator.retrieval import NO_ANSWER, find, sentences
from mara_minimax.emulator.verdicts import score, verdict
from mara_minimax.emulator.words import content_words, stem, stems, topic

_CHOICE = re.compile(r"^\((\d+)\)\s*(.*?)(?=^\(\d+\)|^-{5,}|\Z)", re.DOTALL | re.MULTILINE)
_CHOICE_QUESTION = re.compile(r"relevant to the\s+question: '(.*?)'\s*$", re.DOTALL | re.MULTILINE)
_DOCUMENT = re.compile(r"^Document (\d+):\n(.*?)(?=^Document \d+:|^Question:|\Z)", re.DOTALL | re.M)
_CONDENSE = re.compile(r"Follow Up (?:Input|Message|Question): ?(.*?)\s*Standalone question:", re.S)
_CONDENSE_OLDER = re.compile(r"<Follow Up Message>\s*(.*?)\s*<Standalone question>", re.S)
_KEYWORDS = re.compile(r"(?:up to|Give) (\d+) (?:unique )?keywords")
_QUESTIONS = re.compile(r"generate (\d+) questions this context can provide")
_SUB_QUESTION_TOOLS = re.compile(r"<Tools>\s*```json\s*(\{.*?\})\s*```", re.S)
_SUB_QUESTION = re.compile(r"<User Question>\s*(.*?)\s*<Output>", re.S)
_TRIPLETS = re.compile(r".*\bText: (.*?)\nTriplets:\s*\Z", re.S)
_PREDICATE = re.compile(
    r"(?:The |An? )?(.{2,60}?) ((?:is|was|are|were|has|have|needs?|stands|opens|turns|runs)\b"
    r"(?: (?:in|on|at|by|of|built|called|made))*) (.{2,80})"
)
_TITLE = re.compile(r"^(?:Context: )?(.*?)\. (?:Give a title|Based on the above candidate)", re.S)


def fixed_format(prompt: Prompt) -> Draft | None:
    """The first rule that recognises the prompt answers it."""
    for rule in _RULES:
        answer = rule(prompt)
        if answer is not None:
            return Draft(f"The prompt wants a fixed form about {topic(prompt.question)}.", answer)
    return None


def _condense(prompt: Prompt) -> str | None:
    match = _CONDENSE.search(prompt.text) or _CONDENSE_OLDER.search(prompt.text)
    return match[1].strip() if match else None


def _choose(prompt: Prompt) -> str | None:
    """A router's numbered choices; JSON when the prompt shows JSON, else `ANSWER: n`."""
    question = _CHOICE_QUESTION.search(prompt.text)
    choices = _CHOICE.findall(prompt.text.split("\n---------------------\n")[0] + "\n")
    choices = choices or _CHOICE.findall(prompt.text)
    if not question or not choices:
        return None
    asked = stems(question[1])
    scored = [(len(asked & stems(text)), -int(number)) for number, text in choices]
    number = -max(scored)[1]
    reason = f"It speaks of {topic(question[1])}."
    if "json" in prompt.text.lower() or '"choice"' in prompt.text:
        return json.dumps([{"choice": number, "reason": reason}])
    return f"ANSWER: {number}. {reason}"


def _rank_documents(prompt: Prompt) -> str | None:
    if "Respond with the numbers of the documents" not in prompt.text:
        return None
    _, _, actual = prompt.text.partition("Let's try this now")
    asked = stems(prompt.question)
    scored = [
        (len(asked & stems(text)), -int(number)) for number, text in _DOCUMENT.findall(actual)
    ]
    lines = [
        f"Doc: {-number}, Relevance: {min(10, 5 + score)}"
        for score, number in sorted(scored, reverse=True)
        if score
    ]
    return "\n".join(lines)


def _keywords(prompt: Prompt) -> str | None:
    match = _KEYWORDS.search(prompt.text)
    if not match:
        return None
    listed_alone = "KEYWORDS:" not in prompt.text
    material = prompt.text[: match.start()] if listed_alone else prompt.context
    counts: dict[str, tuple[int, str]] = {}
    for word in content_words(material):
        count, shown = counts.get(stem(word), (0, word.lower()))
        counts[stem(word)] = (count + 1, shown)
    ranked = sorted(counts.values(), key=lambda item: (-item[0], item[1]))
    listed = ", ".join(shown for _, shown in ranked[: int(match[1])])
    return listed if listed_alone else f"KEYWORDS: {listed}"


def _title(prompt: Prompt) -> str | None:
    match = _TITLE.match(prompt.text.strip())
    if not match:
        return None
    found = sentences(match[1])
    return topic(found[0].text).capitalize() if found else None


def _questions(prompt: Prompt) -> str | None:
    """Questions that a context answers, one a sentence."""
    match = _QUESTIONS.search(prompt.text)
    if not match:
        return None
    found = sentences(prompt.text[: match.start()].partition("Here is the context:")[2])
    subjects = [topic(sentence.text) for sentence in found[: int(match[1])]]
    return "\n".join(
        f"{number}. What is said about {subject}?" for number, subject in enumerate(subjects, 1)
    )


def _sub_questions(prompt: Prompt) -> str | None:
    """The question itself, for the tool whose description fits best."""
    if "output a list of relevant sub-questions" not in prompt.text:
        return None
    tools = _SUB_QUESTION_TOOLS.findall(prompt.text)
    questions = _SUB_QUESTION.findall(prompt.text)
    if not tools or not questions:
        return None
    descriptions: dict[str, str] = json.loads(tools[-1])
    asked = stems(questions[-1])
    best = max(descriptions, key=lambda name: len(asked & stems(f"{name} {descriptions[name]}")))
    item = {"sub_question": questions[-1].strip(), "tool_name": best}
    return f"```json\n{json.dumps({'items': [item]}, indent=4)}\n```"


def _triplets(prompt: Prompt) -> str | None:
    """(subject, predicate, object) for each sentence with a plain verb."""
    match = _TRIPLETS.search(prompt.text)
    if not match:
        return None
    matches = (_PREDICATE.match(sentence.text) for sentence in sentences(match[1]))
    return "\n".join(
        f"({found[1].strip()}, {found[2].strip()}, {found[3].strip(' .')})"
        for found in matches
        if found
    )


def _refine(prompt: Prompt) -> str | None:
    """An existing answer is kept unless the new context answers better."""
    if not prompt.existing_answer:
        return None
    finding = find(prompt.question, prompt.context)
    empty = prompt.existing_answer.startswith((NO_ANSWER, "Empty Response"))
    old = None if empty else find(prompt.question, prompt.existing_answer)
    if finding is None or (old is not None and old.coverage >= finding.coverage):
        return prompt.existing_answer
    return finding.text if old is None else f"{prompt.existing_answer} {finding.text}"


_RULES: tuple[Callable[[Prompt], str | None], ...] = (
    _condense,
    _choose,
    _rank_documents,
    verdict,
    score,
    _keywords,
    _title,
    _questions,
    _sub_questions,
    _triplets,
    _refine,
)
