"""An MCP server with one tool; run as a program, it serves standard input and output."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel

server: Any
try:
    from mcp.server.mcpserver import MCPServer

    server = MCPServer("weather")
except ModuleNotFoundError:  # the same class in mcp 1
    from mcp.server.fastmcp import FastMCP

    server = FastMCP("weather")


class Place(BaseModel):
    """A place on earth."""

    city: str
    unit: Literal["celsius", "kelvin"] = "celsius"


@server.tool()
def get_weather(place: Place) -> str:
    """Say how warm it is in a place."""
    return f"12 {place.unit} in {place.city}."


if __name__ == "__main__":
    server.run("stdio")
