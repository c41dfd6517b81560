"""An MCP server with one tool; run as a program, it serves standard input and output."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel


class Place(BaseModel):
    """A place on earth."""

    city: str
    unit: Literal["celsius", "kelvin"] = "celsius"


def get_weather(place: Place) -> str:
    """Say how warm it is in a place."""
    return f"12 {place.unit} in {place.city}."


def make_server() -> Any:
    """Return a server that has not run."""
    server: Any
    try:
        from mcp.server.mcpserver import MCPServer

        server = MCPServer("weather")
    except ModuleNotFoundError:  # the same class in mcp 1
        from mcp.server.fastmcp import FastMCP

        server = FastMCP("weather")
    server.tool()(get_weather)
    return server


if __name__ == "__main__":
    make_server().run("stdio")
