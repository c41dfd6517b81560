"""What a host says of its models, merged with the table."""

from __future__ import annotations

import json

import pytest

from mara_minimax import errors
from mara_minimax.providers.endpoints import MARA, MINIMAX, SELF_HOSTED
from mara_minimax.providers.models import find_profile
from mara_minimax.reply.listing import decode_models
from mara_minimax.secrets.redaction import NO_SECRETS


def decode(rows, provider=MARA):
    body = json.dumps({"object": "list", "data": rows}).encode()
    return decode_models(body, provider, NO_SECRETS)


def test_windows_and_prices_of_the_host_are_in_their_place():
    row = {
        "id": "MiniMax-M2.5",
        "context_length": 160_000,
        "max_completion_tokens": 16_384,
        "pricing": {"prompt": "0.0000003", "completion": 0.0000012, "unit": "USD", "image": None},
    }
    (model,) = decode([row])
    assert model.id == "MiniMax-M2.5"
    assert model.profile.context_window == 160_000
    assert model.profile.max_output_tokens == 16_384
    assert model.profile.enforces_tool_choice
    assert model.pricing == {"prompt": 0.0000003, "completion": 0.0000012}
    assert model.raw == row


def test_ids_alone_take_everything_from_the_table():
    (model,) = decode([{"id": "MiniMax-M2"}], MINIMAX)
    assert model.profile == find_profile("minimax", "MiniMax-M2")
    assert model.pricing == {}


def test_a_model_that_the_table_does_not_hold_is_listed_as_unknown():
    (model,) = decode([{"id": "brand-new", "context_length": 5}])
    assert (model.profile.known, model.profile.context_window) == (False, 5)


def test_vllm_and_sglang_name_the_window_their_way():
    (model,) = decode([{"id": "m2", "max_model_len": 4096}], SELF_HOSTED)
    assert model.profile.context_window == 4096


@pytest.mark.parametrize("odd", ["x", None, {}, {"id": ""}, {"id": 5}])
def test_rows_without_a_name_are_left_out(odd):
    assert [model.id for model in decode([odd, {"id": "a"}])] == ["a"]


@pytest.mark.parametrize("odd", ["many", 0, -1, True, None, 1.5])
def test_what_is_no_number_of_tokens_changes_nothing(odd):
    (model,) = decode([{"id": "a", "context_length": odd, "max_completion_tokens": odd}])
    assert model.profile == find_profile("mara", "a")


@pytest.mark.parametrize("price", ["free", "nan", "inf", [], {}])
def test_what_is_no_price_is_left_out(price):
    (model,) = decode([{"id": "a", "pricing": {"prompt": price}}])
    assert model.pricing == {}
    (model,) = decode([{"id": "a", "pricing": price}])
    assert model.pricing == {}


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"data": null}', b'{"data": {"a": 1}}'])
def test_any_other_answer_is_an_error(body):
    with pytest.raises(errors.InvalidReplyError, match="no list of models"):
        decode_models(body, MARA, NO_SECRETS)


def test_a_failure_inside_http_200_is_the_typed_error():
    body = b'{"base_resp": {"status_code": 1004, "status_msg": "login fail"}}'
    with pytest.raises(errors.AuthenticationError):
        decode_models(body, MINIMAX, NO_SECRETS)
