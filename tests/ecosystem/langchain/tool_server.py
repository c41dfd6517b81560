"""A server of tools that speaks MCP over its standard input and output."""

from __future__ import annotations

from mcp.server.fastmcp import FastMCP, Image
from mcp.types import ResourceLink

server = FastMCP("weather")


@server.tool()
def get_weather(city: str) -> str:
    """Tell the weather in a city."""
    return f"Rain in {city}."


@server.tool()
def take_photograph() -> Image:
    """Show the weather."""
    return Image(data=b"no picture", format="png")


@server.tool()
def find_report() -> ResourceLink:
    """Say where the report lies."""
    return ResourceLink(type="resource_link", name="report", uri="file:///report.pdf")


if __name__ == "__main__":
    server.run()
