"""What OpenAI's chat API refuses in the messages of a request.

The API's reference and the texts of its errors (2026-11):
https://platform.openai.com/docs/api-reference/chat/create,
https://platform.openai.com/docs/guides/function-calling.
"""

from __future__ import annotations

from typing import Any

ROLES = frozenset({"developer", "system", "user", "assistant", "tool", "function"})


def refused(messages: list[dict[str, Any]]) -> str | None:
    """Return why OpenAI would refuse these messages, or `None`."""
    waiting: set[str] = set()
    for message in messages:
        role = message.get("role")
        if role not in ROLES:
            return f"Unknown role {role!r}"
        if role == "tool":
            if message.get("tool_call_id") not in waiting:
                return "A message of the role 'tool' must answer a call of the message before it"
            waiting.remove(message["tool_call_id"])
            continue
        if waiting:
            return f"These calls have no result: {', '.join(sorted(waiting))}"
        calls = message.get("tool_calls") or []
        if not message.get("content") and not calls:
            return f"The message of the role {role!r} is empty"
        waiting = {call["id"] for call in calls}
    return f"These calls have no result: {', '.join(sorted(waiting))}" if waiting else None
