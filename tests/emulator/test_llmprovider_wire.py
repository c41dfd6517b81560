"""The bytes of llmprovider.ai: plain OpenAI shapes."""

from __future__ import annotations


def test_whole_reply(llmprovider):
    body = llmprovider.post("Tell me a joke.").json()
    assert list(body) == ["id", "object", "created", "model", "choices", "usage"]
    assert body["id"].startswith("cmpl-")
    assert list(body["choices"][0]["message"]) == ["role", "content"]
    assert set(body["usage"]) == {"prompt_tokens", "completion_tokens", "total_tokens"}


def test_stream_opens_with_the_role_and_ends_with_done(llmprovider):
    stream = llmprovider.stream("Tell me a joke.")
    assert stream.deltas[0] == {"role": "assistant", "content": ""}
    assert stream.deltas[-1] == {}
    assert stream.finish_reasons == ["stop"]
    assert stream.done
    assert stream.joined("content") == llmprovider.text("Tell me a joke.")


def test_usage_chunk_on_request(llmprovider):
    stream = llmprovider.stream(stream_options={"include_usage": True})
    assert stream.payloads[-1]["choices"] == []
    assert stream.payloads[-1]["usage"]["total_tokens"] > 0


def test_tools_are_ignored(llmprovider, weather):
    assert "tool_calls" not in llmprovider.message("Weather in Paris?", tools=[weather])


def test_any_model_name_is_served(llmprovider):
    assert llmprovider.post(model="some-model").json()["model"] == "some-model"


def test_models(llmprovider):
    rows = llmprovider.http.get("/models").json()["data"]
    assert rows[0]["id"] == "abab5.5-chat"


def test_openai_sdk_reads_it(llmprovider, sdk):
    reply = sdk(llmprovider).chat.completions.create(
        model="abab5.5-chat", messages=[{"role": "user", "content": "What is 1+1?"}]
    )
    assert reply.choices[0].message.content == "1 + 1 equals 2."
