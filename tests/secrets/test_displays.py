"""No display, dump or serialised form of a model shows its key or its headers."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from langchain_core.load import dumpd, dumps
from rich.pretty import pretty_repr

from langchain_mara_minimax import ChatMARA, ChatMiniMax
from llama_index_mara_minimax import MARA, MiniMax
from tests.secrets.callers import call_once
from tests.secrets.canary import (
    DEFAULT_HEADERS,
    EXTRA_HEADERS,
    KEY,
    SENT_HEADERS,
    displays,
    leaks,
)

pytestmark = [
    pytest.mark.filterwarnings("ignore::langchain_core._api.LangChainBetaWarning"),
    pytest.mark.filterwarnings("ignore::langchain_core._api.LangChainDeprecationWarning"),
]
ANY = {
    "repr and str": displays,
    "rich": pretty_repr,
    "dict of fields": lambda m: str({**m.model_dump(), **m.model_dump(mode="json")}),
    "model_dump_json": lambda m: m.model_dump_json(),
    "dict()": lambda m: str(m.dict()),
    "iteration over excluded fields": lambda m: str(m.model_dump(exclude={"model"})),
    "client": lambda m: displays(m.client) + repr(vars(m.client)),
    "pydantic arguments": lambda m: repr(list(m.__repr_args__())),
    "key": lambda m: displays(m.api_key) + json.dumps(m.api_key, default=str),
    "headers": lambda m: displays(m.default_headers) + json.dumps(m.default_headers, default=str),
    "attributes": lambda m: repr(vars(m)),
}
LANGCHAIN = {
    "dumps": lambda m: dumps(m, pretty=True),
    "dumpd": lambda m: str(dumpd(m)),
    "to_json": lambda m: str(m.to_json()),
    "identifying parameters": lambda m: str(m._identifying_params),
    "lc_attributes": lambda m: str(m.lc_attributes),
    "LangSmith parameters": lambda m: str(m._get_ls_params()),
    "invocation parameters": lambda m: str(m._get_invocation_params()),
    "cache key": lambda m: m._get_llm_string(),
    "asdict": lambda m: str(m.asdict()),
    "bound": lambda m: displays(m.bind(extra_headers=dict(EXTRA_HEADERS))),
    "bound, dumped": lambda m: dumps(m.bind(extra_headers=dict(EXTRA_HEADERS))),
    "bound with tools": lambda m: displays(m.bind_tools([], extra_headers=dict(EXTRA_HEADERS))),
    "bound in a chain": lambda m: dumps((lambda x: x) | m.bind(extra_headers=dict(EXTRA_HEADERS))),
    "bound, as a graph": lambda m: str(m.bind(extra_headers=dict(EXTRA_HEADERS)).get_graph()),
}
LLAMA_INDEX = {
    "to_dict": lambda m: str(m.to_dict()),
    "to_json": lambda m: m.to_json(),
    "to_payload": lambda m: json.dumps(m.to_payload()),
    "metadata": lambda m: displays(m.metadata),
    "class_name": lambda m: m.class_name(),
}


@pytest.mark.parametrize("show", ANY.values(), ids=ANY)
def test_a_model_shows_no_secret(cls: Any, build: Any, show: Any) -> None:
    assert leaks(show(build(cls))) == set()


@pytest.mark.parametrize("show", ANY.values(), ids=ANY)
def test_a_model_shows_no_secret_after_a_call(cls: Any, build: Any, show: Any, host: Any) -> None:
    model = build(cls)
    call_once(model)
    assert host.received[-1].header("x-team") == DEFAULT_HEADERS["X-Team"]
    assert leaks(show(model)) == set()


@pytest.mark.parametrize("show", LANGCHAIN.values(), ids=LANGCHAIN)
@pytest.mark.parametrize("cls", [ChatMiniMax, ChatMARA])
def test_no_form_of_langchain_shows_a_secret(cls: Any, build: Any, show: Any) -> None:
    assert leaks(show(build(cls))) == set()


@pytest.mark.parametrize("show", LLAMA_INDEX.values(), ids=LLAMA_INDEX)
@pytest.mark.parametrize("cls", [MiniMax, MARA])
def test_no_form_of_llama_index_shows_a_secret(cls: Any, build: Any, show: Any) -> None:
    model = build(cls, additional_kwargs={"extra_headers": SENT_HEADERS})
    assert leaks(show(model)) == set()
    assert leaks(repr(vars(model))) == set()


@pytest.mark.parametrize("cls", [ChatMiniMax, ChatMARA])
def test_bound_headers_are_sent(cls: Any, build: Any, host: Any) -> None:
    build(cls).bind(extra_headers=EXTRA_HEADERS).invoke("Hi")
    (request,) = host.received
    for name, value in SENT_HEADERS.items():
        assert request.header(name) == value


def test_the_search_finds_a_canary_in_every_form() -> None:
    coded = base64.b64encode(f"user:{KEY}".encode())
    for text in (KEY, f"Bearer {KEY}", KEY[:9], KEY[5:20].encode(), coded, KEY.encode().hex()):
        assert leaks(text) == {"key"}
    assert leaks("nothing here") == set()
