"""Read calls that a server left in the text as markup, for users who ask for that.

Text never acts, so this is for servers of one's own that have no parser for calls
(`leaked_tool_calls="parse"`). Taken is only what can be nothing but a call that the model made:
it stands at the end of an answer that the model ended by itself, begins a line, is no code and
no quote; it names a tool that was offered; its arguments fit the tool's schema; and nothing in
the request holds such markup, which the model could repeat.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from mara_minimax.json_text import parse_object, to_json_text
from mara_minimax.reply.call_markup import (
    LINE_BEGINNINGS,
    MARKS,
    OPENERS,
    MarkedCall,
    ProseLines,
    read_calls,
)
from mara_minimax.reply.tool_arguments import arguments_fit
from mara_minimax.reply.tool_calls import as_text
from mara_minimax.types import JSONObject

_MAX_INDENT: Final = 8
"""White space that may stand before markup on its line, and is held until it is seen."""


class LeakedCallDecoder:
    """Hold back text that may be calls until the end of the answer, and then decide.

    Of other text at most the beginning of a line is held, until it shows what it is. From a line
    on that begins with markup all is held, since only the end shows whether text follows.
    """

    __slots__ = ("_inside_line", "_line", "_markup", "_messages", "_prose", "_tools")

    def __init__(self, tools: Sequence[JSONObject], messages: Sequence[Any]) -> None:
        """`tools` are those that were offered, `messages` all that the model was given."""
        self._tools = tools
        self._messages = messages
        self._prose = ProseLines()
        self._line = ""
        self._inside_line = False
        self._markup: list[str] = []

    @property
    def held(self) -> str:
        """The text that was received and not yet given out."""
        return "".join(self._markup) + self._line

    def decode(self, fragment: str) -> str:
        """Return the text that is certain to be no call."""
        if self._markup:
            self._markup.append(fragment)
            return ""
        rest, self._line = self._line + fragment, ""
        shown: list[str] = []
        while rest:
            line, line_break, after = rest.partition("\n")
            if not self._inside_line:
                body = line.lstrip()
                near = len(line) - len(body) <= _MAX_INDENT
                if near and not self._prose.in_code and body.startswith(OPENERS):
                    self._markup.append(rest)
                    break
                if near and not line_break and _may_begin(body):
                    self._line = line
                    break
                self._prose.take(line)
            shown.append(line + line_break)
            self._inside_line = not line_break
            rest = after
        return "".join(shown)

    def release(self) -> str:
        """Return as text what is held."""
        held, self._line = self.held, ""
        self._markup.clear()
        return held

    def flush(self, *, whole: bool) -> tuple[list[JSONObject], str]:
        """Return the calls, in wire form, and the text that is held; one of the two is empty.

        `whole` says that the model ended its answer by itself.
        """
        calls = self._calls_in("".join(self._markup)) if whole and self._markup else None
        held = self.release()
        return (calls, "") if calls else ([], held)

    def _calls_in(self, markup: str) -> list[JSONObject] | None:
        marked = read_calls(markup)
        if marked is None:
            return None
        given = to_json_text(self._messages).lower()
        if any(mark in given for mark in MARKS):
            return None
        schemas = dict(map(_named_schema, self._tools))
        calls = [_wire_call(index, call, schemas) for index, call in enumerate(marked)]
        return None if None in calls else [call for call in calls if call is not None]


def _may_begin(body: str) -> bool:
    return any(beginning.startswith(body) for beginning in LINE_BEGINNINGS)


def _named_schema(tool: Any) -> tuple[str, JSONObject]:
    """Return name and schema of a tool; without a schema only a call without arguments fits."""
    function = tool.get("function") if isinstance(tool, dict) else None
    if not isinstance(function, dict):
        return "", {}
    schema = function.get("parameters")
    return as_text(function.get("name")), schema if isinstance(schema, dict) else {}


def _wire_call(index: int, call: MarkedCall, schemas: dict[str, JSONObject]) -> JSONObject | None:
    """Return a call with its arguments typed, `None` if it is no call of a tool that fits."""
    name, texts = call
    schema = schemas.get(name, {})
    known = schema.get("properties")
    known = known if isinstance(known, dict) else {}
    if name not in schemas or not texts.keys() <= known.keys():
        return None
    arguments = {key: _typed(text, known[key], schema) for key, text in texts.items()}
    if not arguments_fit(arguments, {"type": "object", **schema}):
        return None
    function = {"name": name, "arguments": to_json_text(arguments)}
    return {"index": index, "type": "function", "function": function}


def _typed(text: str, shape: Any, schema: JSONObject) -> Any:
    """Return the value that `text` stands for: `null`, a text, or JSON, the first that fits."""
    text = text.removeprefix("\n").removesuffix("\n")
    alone = {**schema, "type": "object", "properties": {"value": shape}, "required": ["value"]}
    nothing = [None] if text == "null" else []
    for value in (*nothing, text):
        if arguments_fit({"value": value}, alone):
            return value
    parsed = parse_object(f'{{"value": {text}}}')
    return parsed["value"] if parsed and parsed.keys() == {"value"} else text
