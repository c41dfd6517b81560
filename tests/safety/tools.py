"""What the agents of these tests may run, the list of what they ran, and a schema to fill.

Annotations are evaluated here, because LlamaIndex does not look up those of tools.
"""

from typing import Any, Literal

from pydantic import BaseModel

from tests.safety.texts import SPELT

RAN: list[tuple[str, dict[str, Any]]] = []
"""The name and arguments of each call, since the test began."""


class Person(BaseModel):
    """Somebody."""

    name: str
    roles: list[Literal["host", "guest"]] = []


def send_email(to: str, body: str) -> str:
    """Send an email."""
    RAN.append(("send_email", {"to": to, "body": body}))
    return "Sent."


def read_page(url: str) -> str:
    """Read a page."""
    RAN.append(("read_page", {"url": url}))
    return f"Weather today.\n\n{SPELT}\n"


def wipe() -> str:
    """Delete all files."""
    RAN.append(("wipe", {}))
    return "Gone."


def wait(seconds: float, unit: Literal["s", "min"] = "s", reason: str | None = None) -> str:
    """Do nothing for a time."""
    RAN.append(("wait", {"seconds": seconds}))
    return "Waited."


def invite(person: Person) -> str:
    """Invite somebody."""
    given = person.model_dump(exclude_unset=True) if isinstance(person, Person) else person
    RAN.append(("invite", {"person": given}))
    return "Invited."


FUNCTIONS = (send_email, read_page, wipe, wait, invite)


class Summary(BaseModel):
    """What a page says."""

    title: str
    points: list[str]
