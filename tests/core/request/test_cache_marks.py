"""Marks for the prompt cache: sent to MiniMax, announced where they are left out."""

from __future__ import annotations

import copy

import pytest

from mara_minimax.errors import ParameterError
from mara_minimax.providers.endpoints import LLMPROVIDER, MARA, MINIMAX, MINIMAX_CHINA, SELF_HOSTED
from mara_minimax.request.encode import encode_request

MARK = {"type": "ephemeral"}
MARKED = {
    "role": "user",
    "content": [{"type": "text", "text": "a", "cache_control": MARK}, "b", {"type": "odd"}],
}
PLAIN = {"role": "user", "content": [{"type": "text", "text": "a"}, "b", {"type": "odd"}]}


def encode(provider, policy="adjust"):
    given = copy.deepcopy(MARKED)
    request = encode_request([given], {"model": "new-model"}, provider=provider, policy=policy)
    assert given == MARKED
    return request


@pytest.mark.parametrize("role", ["system", "user"])
def test_text_alone_is_one_text_again_where_marks_are_left_out(role):
    parts = [{"type": "text", "text": "a", "cache_control": MARK}, {"type": "text", "text": "b"}]
    request = encode_request([{"role": role, "content": parts}], {"model": "m"}, provider=MARA)
    assert request.body["messages"] == [{"role": role, "content": "a\nb"}]


def test_text_of_an_answer_stays_in_parts():
    parts = [{"type": "text", "text": "a", "cache_control": MARK}, {"type": "text", "text": "b"}]
    request = encode_request(
        [{"role": "assistant", "content": parts}], {"model": "m"}, provider=MARA
    )
    assert [list(part) for part in request.body["messages"][0]["content"]] == [["type", "text"]] * 2


@pytest.mark.parametrize("provider", [MINIMAX, MINIMAX_CHINA])
@pytest.mark.parametrize("policy", ["adjust", "raise", "pass"])
def test_marks_are_sent_to_minimax(provider, policy):
    request = encode(provider, policy)
    assert (request.body["messages"], request.warnings) == ([MARKED], ())


@pytest.mark.parametrize("provider", [MARA, LLMPROVIDER, SELF_HOSTED])
def test_elsewhere_they_are_left_out_with_one_warning(provider):
    request = encode(provider)
    assert request.body["messages"] == [PLAIN]
    (warning,) = request.warnings
    assert "cache_control={'type': 'ephemeral'}" in warning.text
    with pytest.raises(ParameterError, match="cache_control"):
        encode(provider, "raise")
    assert encode(provider, "pass").body["messages"] == [MARKED]
