"""Structured output in LangChain: from a sentence to a checked pydantic object."""

from __future__ import annotations

from pydantic import BaseModel, Field

from examples.connect import connect
from langchain_mara_minimax import ChatMARA, ChatMiniMax

LETTER = "Ada Lovelace books a table for 4 guests on 2026-12-24; her address is ada@example.org."


class Reservation(BaseModel):
    """A table that somebody books."""

    name: str
    guests: int = Field(ge=1, le=12)
    date: str = Field(description="The day, as YYYY-MM-DD")
    email: str


def main() -> list[Reservation]:
    found = []
    # A tool call at MiniMax, a JSON schema at MARA: the same object either way.
    for provider, chat_model, method in (
        ("minimax", ChatMiniMax, "function_calling"),
        ("mara", ChatMARA, "json_schema"),
    ):
        with connect(provider) as connection:
            model = chat_model(**connection).with_structured_output(Reservation, method=method)
            reservation = model.invoke(LETTER)
            print(f"{provider}, {method}: {reservation!r}")
            found.append(reservation)
    return found


if __name__ == "__main__":
    main()
