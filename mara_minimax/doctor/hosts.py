"""The hosts that the doctor can ask, by the values of `--provider`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from mara_minimax.providers.endpoints import MARA, MINIMAX_ENDPOINTS, Endpoint, Provider


def _options() -> Iterator[tuple[str, Endpoint]]:
    """Yield a provider's name for its usual host, and its name with the endpoint for others."""
    seen = set()
    for endpoint, provider in MINIMAX_ENDPOINTS.items():
        yield f"{provider.name}-{endpoint}" if provider.name in seen else provider.name, endpoint
        seen.add(provider.name)


ENDPOINTS: Final[dict[str, Endpoint]] = dict(_options())
"""The `endpoint` of the MiniMax classes that each value stands for."""

PROVIDERS: Final[dict[str, Provider]] = {
    **{option: MINIMAX_ENDPOINTS[endpoint] for option, endpoint in ENDPOINTS.items()},
    MARA.name: MARA,
}


def other_regions(provider: Provider) -> dict[str, Endpoint]:
    """Return the other hosts of the same provider, as `ENDPOINTS` has them."""
    return {
        option: endpoint
        for option, endpoint in ENDPOINTS.items()
        if PROVIDERS[option].name == provider.name and PROVIDERS[option] != provider
    }
