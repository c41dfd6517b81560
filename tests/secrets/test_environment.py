"""No variable but the providers' own changes a request; proxies change the way it takes."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import openai
import pytest

from langchain_mara_minimax import ChatMiniMax
from llama_index_mara_minimax import MARA
from tests.secrets.callers import CLASSES, KEY_VARIABLES, call_once, forms_of, fresh_pools
from tests.secrets.canary import KEY
from tests.secrets.host import Host, Received

ROOT = Path(__file__).parents[2]
URL = "http://127.0.0.1:9/elsewhere"
OPENAI_VARIABLES = {
    "OPENAI_API_KEY": "sk-openai",
    "OPENAI_ADMIN_KEY": "sk-admin",
    "OPENAI_BASE_URL": URL,
    "OPENAI_ORG_ID": "org-1",
    "OPENAI_PROJECT_ID": "proj-1",
    "OPENAI_CUSTOM_HEADERS": "X-Custom: 1\nAuthorization: Bearer custom\nUser-Agent: custom",
    "OPENAI_WEBHOOK_SECRET": "whsec",
    "OPENAI_LOG": "debug",
    "OPENAI_API_TYPE": "azure",
    "OPENAI_API_VERSION": "2024-01-01",
    "AZURE_OPENAI_AD_TOKEN": "token",
    "AZURE_OPENAI_API_KEY": "azure-key",
    "AZURE_OPENAI_ENDPOINT": URL,
    "DEFER_PYDANTIC_BUILD": "false",
}
"""What openai 2 and 3 read, on import or for a client."""
OTHER_VARIABLES = {
    "OPENAI_API_BASE": URL,
    "OPENAI_PROXY": URL,
    "OPENAI_MODEL": "gpt-4",
    "LC_OUTPUT_VERSION": "v1",
    "LANGSMITH_GATEWAY": URL,
    "LANGSMITH_GATEWAY_API_KEY": "lsv2-gateway",
    "LANGSMITH_API_KEY": "lsv2-key",
    "LANGCHAIN_API_KEY": "lsv2-key",
    "LANGSMITH_ENDPOINT": URL,
    "LANGSMITH_PROJECT": "project",
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "LANGCHAIN_ENV": "local_test",
    "LLAMA_CLOUD_API_KEY": "llx-key",
    "LLAMA_CLOUD_BASE_URL": URL,
    "MINIMAX_GROUP_ID": "group",
    "MINIMAX_API_HOST": URL,
    "SAMBANOVA_API_KEY": "sambanova",
    "ANTHROPIC_API_KEY": "anthropic",
}
"""What LangChain, LlamaIndex and other integrations of the same providers read."""
VARIABLES = {**OPENAI_VARIABLES, **OTHER_VARIABLES}


def sent(host: Host, cls: Any) -> Received:
    """The whole request that a newly built model and newly built pools send."""
    with fresh_pools():
        call_once(cls(api_key=KEY, base_url=host.base_url))
    return host.received[-1]


@pytest.mark.parametrize("variable", VARIABLES)
@pytest.mark.parametrize("cls", [ChatMiniMax, MARA])
def test_a_variable_changes_no_byte_of_a_request(
    cls: Any, variable: str, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    clean = sent(host, cls)
    monkeypatch.setenv(variable, VARIABLES[variable])
    assert sent(host, cls) == clean
    assert clean.header("authorization") == f"Bearer {KEY}"


_PROGRAM = """
import sys
from tests.secrets.callers import CLASSES, forms_of
for cls in CLASSES:
    model = cls(base_url=sys.argv[1])
    for call in forms_of(cls).values():
        call(model)
"""


def _sent_by_a_process(host: Host, variables: dict[str, str]) -> list[Received]:
    host.received.clear()
    kept = {n: v for n, v in os.environ.items() if n not in VARIABLES}
    keys = dict.fromkeys(KEY_VARIABLES.values(), KEY)
    subprocess.run(
        [sys.executable, "-c", _PROGRAM, host.base_url],
        env={**kept, **keys, **variables},
        cwd=ROOT,
        capture_output=True,
        timeout=100,
        check=True,
    )
    return list(host.received)


def test_all_variables_together_change_nothing_in_a_process_of_their_own(host: Host) -> None:
    clean = _sent_by_a_process(host, {})
    assert len(clean) == sum(len(forms_of(cls)) for cls in CLASSES)
    assert _sent_by_a_process(host, VARIABLES) == clean


def test_the_table_has_every_variable_that_the_installed_sdk_reads() -> None:
    source = Path(openai.__file__).parent
    read = re.compile(r"environ(?:\.get)?[(\[]\s*[\"']([A-Z_]+)[\"']")
    others = ("cli", "bedrock", "vertex", "azure", "gcp", "aws")
    found = {
        name
        for path in source.rglob("*.py")
        if "types" not in path.relative_to(source).parts
        and not any(other in str(path.relative_to(source)) for other in others)
        for name in read.findall(path.read_text())
    }
    assert "OPENAI_API_KEY" in found
    assert found <= OPENAI_VARIABLES.keys()


@pytest.mark.parametrize("variable", ["MINIMAX_API_KEY", "MINIMAX_BASE_URL"])
def test_the_search_for_a_difference_finds_one(
    variable: str, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINIMAX_API_KEY", KEY)
    monkeypatch.setenv("MINIMAX_BASE_URL", host.base_url)
    call_once(ChatMiniMax())
    value = {"MINIMAX_API_KEY": "another", "MINIMAX_BASE_URL": f"{host.base_url}/v2"}[variable]
    monkeypatch.setenv(variable, value)
    call_once(ChatMiniMax())
    assert host.received[0] != host.received[1]
