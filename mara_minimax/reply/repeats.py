"""One text that several fields tell, together, in turns or one after the other."""

from __future__ import annotations

from io import StringIO
from itertools import takewhile
from typing import Final

_LEAST_REPEAT: Final = 8
"""Characters from which on equal texts are taken for a repeat and not for chance."""


class SharedText:
    """Give out every part of a text once, however many sources tell it.

    Each source reads along the text so far: what stands there already is a repeat, what goes
    beyond it is new. MiniMax-M3 says the same in content and field
    (https://github.com/can1357/oh-my-pi/pull/2434, 2026-06), and in one field after another
    (public report, 2026). A source that says something else takes turns; from then on it is
    compared with what the same message added, and otherwise new. Nothing is left out that does
    not stand in the text.
    """

    __slots__ = ("_length", "_mark", "_newest", "_newest_start", "_places", "_text")

    def __init__(self) -> None:
        """Start with nothing."""
        self._text = StringIO()
        self._length = 0
        self._mark = 0
        self._newest = ""
        self._newest_start = 0
        self._places: dict[str, _Place] = {}

    def begin_part(self) -> None:
        """Take note that another message or delta begins."""
        self._mark = self._length

    def read(self, source: str, fragment: str, *, late: bool = False, apart: bool = False) -> str:
        """Return what `fragment` of `source` adds; a `late` one was held while others went on.

        A source that stands `apart` repeats from the beginning or not at all: what it shares
        with the same message is chance.
        """
        start = self._length if apart else self._mark
        place = self._places.get(source)
        if place is not None and not place.turns:
            # What nearly every event is, told apart without looking into the text.
            if place.position == self._length:
                return self._append(place, fragment)
            if place.position == self._newest_start and fragment == self._newest:
                place.position = self._length
                place.repeated += len(fragment)
                return ""
        if place is None:
            place = self._places[source] = _Place()
            # White space around a tag is the tag's, so a repeat may lack it.
            head = self._peek(0, 2 * _LEAST_REPEAT)
            place.position = len(head) - len(head.lstrip()) if not fragment[:1].isspace() else 0
        if place.turns and not late:
            place.position = 0 if self._is_told_by(fragment) else start
        added = self._beyond(place.position, fragment)
        if added is None:
            added = self._take_turn(place, fragment, start)
        elif not added:
            place.position += len(fragment)
            place.repeated += len(fragment)
        return self._append(place, added) if added else ""

    def _append(self, place: _Place, added: str) -> str:
        self._text.seek(self._length)
        self._text.write(added)
        self._newest, self._newest_start = added, self._length
        self._length += len(added)
        place.position, place.repeated = self._length, 0
        return added

    def missing(self, whole: str) -> str:
        """Return what the text lacks of `whole`, `""` where that is something else."""
        return whole[self._length :] if self._beyond(0, whole) is not None else ""

    def _take_turn(self, place: _Place, fragment: str, start: int) -> str:
        """Return what `fragment` adds, which does not go on where its source was."""
        repeated = self._peek(place.position - place.repeated, place.repeated)
        # As many characters repeat, however the text was cut into fragments.
        pairs = zip(self._peek(place.position, len(fragment)), fragment, strict=False)
        alike = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
        place.repeated = 0
        if self._is_told_by(fragment):
            place.position = self._length
            return fragment[self._length :]
        place.turns = True
        added = self._beyond(start, fragment)
        if added is not None and start < self._length:
            place.position = start + len(fragment)
            return added
        for other in self._places.values():
            # The others have told all up to here: none of it is theirs to repeat.
            other.turns = other.turns or other.position == self._length
        # So little is equal by chance: it was not a repeat.
        is_repeat = len(repeated) + alike >= _LEAST_REPEAT
        return fragment[alike:] if is_repeat else repeated + fragment

    def _is_told_by(self, fragment: str) -> bool:
        """Whether `fragment` tells everything from the beginning."""
        enough = len(fragment) >= self._length >= _LEAST_REPEAT
        return enough and self._beyond(0, fragment) is not None

    def _beyond(self, position: int, fragment: str) -> str | None:
        """Return what `fragment` adds from `position` on; `None` if it is another text."""
        known = self._peek(position, len(fragment))
        return fragment[len(known) :] if fragment.startswith(known) else None

    def _peek(self, position: int, length: int) -> str:
        self._text.seek(position)
        return self._text.read(length)


class _Place:
    """How far a source has told the text."""

    __slots__ = ("position", "repeated", "turns")

    def __init__(self) -> None:
        self.position = 0
        self.repeated = 0
        """Characters in front of `position` that were repeats."""
        self.turns = False
        """Whether the source goes on where the others stopped."""
