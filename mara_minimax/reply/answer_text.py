"""The text of an answer on its last way out: ended by stop sequences, searched for calls."""

from __future__ import annotations

from mara_minimax.reply.leaked_calls import LeakedCallDecoder
from mara_minimax.reply.stop import StopDecoder
from mara_minimax.types import JSONObject


class AnswerText:
    """Take text that is answer, and give out what can be shown of it."""

    def __init__(self, stop: tuple[str, ...], leaked: LeakedCallDecoder | None) -> None:
        """`stop` sequences end the text; `leaked` reads calls in it, `None` leaves them there."""
        self._stop = StopDecoder(stop) if any(stop) else None
        self._leaked = leaked
        self._shown: list[str] = []
        self.stopped = False
        """Whether a stop sequence has ended the text."""

    def decode(self, text: str) -> str:
        """Return what `text` completes."""
        if self._stop is not None:
            text = self._stop.decode(text)
            self.stopped = self._stop.stopped
        if text and self._leaked is not None:
            text = self._leaked.decode(text)
        if text:
            self._shown.append(text)
        return text

    def release(self) -> str:
        """Return what is held, where real calls follow: the server reads calls itself."""
        if self._leaked is None:
            return ""
        held, self._leaked = self._leaked.release(), None
        self._shown.append(held)
        return held

    def flush(self, *, whole: bool) -> tuple[list[JSONObject], str]:
        """Return the calls that stood in the text, in wire form, and the text that was held.

        `whole` says that the model ended its answer by itself.
        """
        held = self._stop.flush() if self._stop is not None else ""
        calls: list[JSONObject] = []
        if self._leaked is not None:
            held = self._leaked.decode(held)
            calls, text = self._leaked.flush(whole=whole and not self.stopped)
            held += text
        self._shown.append(held)
        return calls, held

    def so_far(self) -> str:
        """Return the text that was received, also what is still held as markup of calls."""
        return "".join(self._shown) + (self._leaked.held if self._leaked else "")
