"""What the emulated MARA and llmprovider.ai refuse."""

from __future__ import annotations

import pytest

USER = {"role": "user", "content": "What is 6 * 7?"}


def image(url: str, role: str = "user"):
    parts = [
        {"type": "text", "text": "What is it?"},
        {"type": "image_url", "image_url": {"url": url}},
    ]
    return [{"role": role, "content": parts}]


def test_mara_refusals_have_the_documented_body(mara):
    reply = mara.post(top_p=1.5)
    assert reply.status_code == 400
    assert list(reply.json()) == ["error", "request_id"]
    error = reply.json()["error"]
    assert list(error) == ["message", "type", "param", "code"]
    assert (error["param"], error["code"]) == ("top_p", "decimal_above_max_value")
    assert "x-ratelimit-limit-requests" in reply.headers


@pytest.mark.parametrize("authorization", ["", "Bearer bad-key"])
def test_mara_needs_a_key(mara, authorization):
    reply = mara.http.post(
        "/chat/completions", json=mara.body(), headers={"authorization": authorization}
    )
    assert (reply.status_code, reply.json()["error"]["code"]) == (401, "invalid_api_key")


@pytest.mark.parametrize("name", ["minimax-m2.5", "MiniMax-M2", "gpt-oss-120B"])
def test_mara_model_names_are_exact(mara, name):
    reply = mara.post(model=name)
    assert (reply.status_code, reply.json()["error"]["code"]) == (404, "model_not_found")


def test_mara_says_in_plain_text_what_is_missing(mara):
    for body in ({"messages": [USER]}, {"model": "MiniMax-M2.5"}):
        reply = mara.http.post("/chat/completions", json=body)
        assert reply.status_code == 400
        assert reply.headers["content-type"].startswith("text/plain")
        assert "missing property" in reply.text
    assert mara.http.post("/chat/completions", content=b"{").status_code == 400


BAD_AT_MARA = [
    ({"temperature": 1.5}, "decimal_above_max_value"),
    ({"temperature": -1}, "decimal_below_min_value"),
    ({"temperature": "warm"}, "invalid_type"),
    ({"top_k": 0}, "invalid_value"),
    ({"top_k": 101}, "invalid_value"),
    ({"max_tokens": 0}, "integer_below_min_value"),
    ({"max_tokens": "many"}, "invalid_type"),
    ({"stream": "yes"}, "invalid_type"),
    ({"do_sample": 1}, "invalid_type"),
    ({"reasoning_effort": "max"}, "invalid_value"),
    ({"response_format": {"type": "text"}}, "invalid_value"),
    ({"response_format": {"type": "json_schema"}}, "invalid_value"),
    ({"tool_choice": "required"}, "invalid_value"),
    ({"tool_choice": "any"}, "invalid_value"),
    ({"tools": [{"type": "function", "function": {"name": "a b"}}]}, "invalid_value"),
    ({"tools": [{"type": "function", "function": {"name": "f"}}] * 129}, "array_above_max_length"),
    ({"messages": []}, "array_below_min_length"),
    ({"messages": [{"role": "critic", "content": "x"}]}, "invalid_value"),
    ({"messages": [{"role": "user", "content": None}]}, "invalid_type"),
    ({"messages": image("https://example.org/a.png")}, "invalid_value"),
    ({"messages": image("data:image/png;base64,AAAA")}, "invalid_value"),
    ({"messages": [USER, *image("data:image/png;base64,AAAA", role="tool")]}, "invalid_value"),
    ({"max_tokens": 200_000}, "context_length_exceeded"),
]


@pytest.mark.parametrize(("fields", "code"), BAD_AT_MARA)
def test_mara_refuses(mara, fields, code):
    reply = mara.http.post("/chat/completions", json=mara.body() | fields)
    assert reply.status_code == 400, reply.text
    assert reply.json()["error"]["code"] == code


GOOD_AT_MARA = [
    {"temperature": 0, "top_p": 0, "top_k": 40, "do_sample": True},
    {"temperature": 1, "reasoning_effort": "high"},
    {"logprobs": True, "n": 3, "presence_penalty": 1, "seed": 1, "logit_bias": {"1": 1}},
    {"tools": [{"type": "function", "function": {"name": "f-1_a"}}]},
    {"messages": [{"role": "developer", "content": "Be brief."}, USER]},
    {"messages": [{"role": "system", "content": "a"}, {"role": "system", "content": "b"}, USER]},
    {"messages": image("data:image/png;base64,AAAA"), "model": "gemma-4-31B-it"},
]


@pytest.mark.parametrize("fields", GOOD_AT_MARA)
def test_mara_accepts(mara, fields):
    reply = mara.http.post("/chat/completions", json=mara.body() | fields)
    assert reply.status_code == 200, reply.text


BAD_AT_LLMPROVIDER = [
    {"temperature": 1.5},
    {"top_p": -1},
    {"max_tokens": 0},
    {"stop": ["a", "b", "c", "d", "e"]},
    {"messages": []},
    {"messages": [{"role": "user", "content": ""}]},
    {"messages": [{"role": "tool", "content": "x"}]},
    {"model": ""},
]


@pytest.mark.parametrize("fields", BAD_AT_LLMPROVIDER)
def test_llmprovider_refuses_in_openai_form(llmprovider, fields):
    reply = llmprovider.http.post("/chat/completions", json=llmprovider.body() | fields)
    assert reply.status_code == 400
    assert list(reply.json()["error"]) == ["message", "type", "param", "code"]


def test_llmprovider_overflows_at_its_window(llmprovider):
    reply = llmprovider.post("word " * 20_000)
    assert reply.json()["error"]["code"] == "context_length_exceeded"
