"""HTTP errors on demand: which refusal each provider that has one sends.

Codes: https://platform.minimax.io/docs/api-reference/errorcode (2026) and
https://mara-cloud-docs-one.vercel.app/platform/error-codes (2026). `insufficient_quota` is
SambaNova's name for a plain rate limit.
"""

from __future__ import annotations

from mara_minimax.emulator.providers import PROVIDERS
from mara_minimax.emulator.types.canned import CannedReply
from mara_minimax.emulator.types.refusal import Refusal, invalid_params

_LIMIT, _SERVER = "rate_limit_error", "server_error"

WRONG_KEY = {provider.name: provider.wrong_key for provider in PROVIDERS.values()}
NO_MONEY = {
    "minimax": Refusal(402, 1008, "insufficient balance"),
    "mara": Refusal(402, "PAYMENT_METHOD_REQUIRED", "Add a payment method to continue."),
    "llmprovider": Refusal(402, "insufficient_balance", "The balance is used up."),
}
RATE_LIMIT = {
    "minimax": Refusal(429, 1002, "rate limit exceeded, retry later"),
    "mara": Refusal(429, "insufficient_quota", "Rate limit exceeded.", _LIMIT),
    "llmprovider": Refusal(429, "rate_limit_exceeded", "Rate limit.", _LIMIT),
}
TOKEN_LIMIT = RATE_LIMIT | {"minimax": Refusal(429, 1039, "token limit")}
OVER_LIMIT = {"requests": RATE_LIMIT, "tokens": TOKEN_LIMIT}
"""By what an account has too little of."""
QUEUE_FULL = {"mara": Refusal(429, "queue_full", "Too many requests in flight.", _LIMIT)}
PLAN_LIMIT = {"minimax": Refusal(429, 2056, "usage limit exceeded")}
SERVER_ERROR = {
    "minimax": Refusal(500, 1000, "unknown error, 999"),
    "mara": Refusal(500, "internal_error", "Internal error.", _SERVER),
    "llmprovider": Refusal(500, "internal_error", "Internal error.", _SERVER),
}
SENSITIVE = {"minimax": Refusal(500, 1026, "input new_sensitive")}
UNAVAILABLE = {"mara": Refusal(503, "unavailable", "Service Temporarily Unavailable", plain=True)}
OVERLOADED = {"minimax": Refusal(529, 529, "High traffic detected, try again. (2064)")}
MODEL_OUTPUT = {
    "mara": Refusal(
        400,
        "adapter_mapping_failed",
        "The tool call of the model could not be parsed.",
        _SERVER,
        extra={"error_model_output": "<|call|>{"},
    )
}
IN_STREAM = {
    "minimax": invalid_params("tool result's tool id not found"),
    "mara": Refusal(400, "adapter_mapping_failed", "The output could not be parsed."),
    "llmprovider": Refusal(400, "upstream_error", "The upstream closed the stream."),
}

_HTML = {"content-type": "text/html"}
_PAGE = b"<html><head><title>502 Bad Gateway</title></head><body>Bad Gateway</body></html>\n"
GATEWAY_PAGE = CannedReply(502, _HTML, [_PAGE])
"""What a proxy in front of the provider says."""
ENDLESS_PAGE = CannedReply(502, _HTML, [b"<html>"], hold=True)
"""A 502 whose body never ends (reported by a MARA client, 2026-10)."""
