"""Structured output in LlamaIndex: from a sentence to a checked pydantic object."""

from __future__ import annotations

from llama_index.core.llms import ChatMessage
from pydantic import BaseModel, Field

from examples.connect import connect
from llama_index_mara_minimax import MARA, MiniMax

LETTER = "Ada Lovelace books a table for 4 guests on 2026-12-24; her address is ada@example.org."


class Reservation(BaseModel):
    """A table that somebody books."""

    name: str
    guests: int = Field(ge=1, le=12)
    date: str = Field(description="The day, as YYYY-MM-DD")
    email: str


def main() -> list[Reservation]:
    found = []
    for provider, chat_model in (("minimax", MiniMax), ("mara", MARA)):
        with connect(provider) as connection:
            llm = chat_model(**connection).as_structured_llm(Reservation)
            reservation = llm.chat([ChatMessage(LETTER)]).raw
            print(f"{provider}: {reservation!r}")
            found.append(reservation)
    return found


if __name__ == "__main__":
    main()
