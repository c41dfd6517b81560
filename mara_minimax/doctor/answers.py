"""Checks of answers: the plain call, streams and their endings, reasoning there and back."""

from __future__ import annotations

import re

from mara_minimax.doctor.probe import MAX_TOKENS, Answer
from mara_minimax.doctor.remains import shown_moment
from mara_minimax.doctor.report import Finding
from mara_minimax.errors import NotFoundError, RateLimitError
from mara_minimax.types import REASONING_FIELDS, JSONObject

_OPENING_TAG = re.compile(r"\s*<(?:mm:)?think>")
_TAG = re.compile(r"</?(?:mm:)?think>")
_SNIPPET = 48
_PROXY_PASSWORD = 407


def check_answer(answer: Answer) -> Finding:
    """A plain call gives an answer."""
    reply = answer.reply
    if reply is None:
        return failed("answer", answer)
    if not reply.text.strip():
        advice = "Raise max_tokens: the model spent it on reasoning."
        if reply.finish_reason != "length":
            advice = "Run again; if it stays so, ask the provider."
        seen = f"no text ({answer.shown(reply.finish_reason)})"
        return Finding("answer", "fail", seen, advice=advice)
    seen = f"{quote(answer)} in {duration(answer.seconds)}"
    if reply.usage is None:
        return Finding("answer", "warn", f"{seen}, without usage", "usage with every reply")
    return Finding("answer", "pass", f"{seen}, {reply.usage.total_tokens} tokens")


def check_stream(answer: Answer) -> Finding:
    """A stream comes in pieces and ends with a finish reason."""
    reply = answer.reply
    if reply is None:
        return failed("stream", answer)
    expected = "several chunks and a finish reason"
    first = answer.first_token_seconds or answer.seconds
    reason = answer.shown(reply.finish_reason) if _sent_finish_reason(answer) else "missing"
    seen = f"{answer.pieces} chunks, first after {duration(first)}, finish reason {reason}"
    if answer.streamed_text.strip() != reply.text.strip():
        return Finding(
            "stream",
            "warn",
            "reasoning came as text: a closing tag without an opening one",
            expected,
            "Set starts_in_reasoning=True.",
        )
    if answer.pieces < 2:
        advice = "A proxy in between may buffer; answers will not appear as they are written."
        return Finding("stream", "warn", seen, expected, advice)
    if not _sent_finish_reason(answer):
        return Finding("stream", "warn", seen, expected, "It cannot be told from a cut-off answer.")
    return Finding("stream", "pass", seen)


def check_reasoning(plain: Answer, stream: Answer) -> Finding:
    """Reasoning arrives where the provider's row says, in both forms of call."""
    profile, provider = plain.request.profile, plain.request.provider
    places = {"plain": places_of(plain)}
    if stream.reply is not None:
        places["stream"] = places_of(stream)
    thinks = profile.reasoning and not profile.closes_reasoning_only
    expected = provider.reasoning_form if thinks else "none"
    distinct = {", ".join(found) or "none" for found in places.values()}
    seen = distinct.pop() if len(distinct) == 1 else "; ".join(
        f"{call}: {', '.join(found) or 'none'}" for call, found in places.items()
    )  # fmt: skip
    if any(answer.reply and _TAG.search(answer.reply.text) for answer in (plain, stream)):
        advice = "Set starts_in_reasoning=True; if tags stay in the text, report it."
        return Finding("reasoning", "fail", f"{seen}, and tags in the text", expected, advice)
    # A server of one's own may have any parser.
    wanted = {expected} if provider.base_url else {*REASONING_FIELDS, "inline"}
    if all(wanted.intersection(found or ["none"]) for found in places.values()):
        return Finding("reasoning", "pass", seen, expected)
    if "none" in seen:
        advice = "This model may not think about easy questions, or thinking is turned off."
    else:
        advice = "It is read from there too: nothing to do. The table's row may be out of date."
    return Finding("reasoning", "warn", seen, expected, advice)


def check_stream_usage(answer: Answer) -> Finding:
    """A stream brings token counts where the provider can be asked for them."""
    if answer.reply is None:
        return Finding("stream-usage", "skip", "no stream to look at")
    usage = answer.reply.usage
    asked = answer.request.provider.accepts_stream_options
    if usage is not None:
        seen = f"{usage.input_tokens} tokens in, {usage.output_tokens} out"
        return Finding("stream-usage", "pass", seen, "sent when asked" if asked else "not sent")
    if not asked:
        return Finding("stream-usage", "pass", "none", "not sent")
    advice = "Token counts of streams will be missing: count with plain calls."
    return Finding("stream-usage", "warn", "none", "sent when asked", advice)


def check_done(answer: Answer) -> Finding:
    """A stream ends as the provider's row says, and its connection with it."""
    if answer.reply is None:
        return Finding("done", "skip", "no stream to look at")
    if answer.done is None:
        # The host closes its connections, as MiniMax does, so the library does not wait for that.
        seen = "not waited for: the host announced that it closes the connection"
        return Finding("done", "pass", seen)
    habit = answer.request.provider.sends_done
    words = {True: "[DONE]", False: "no [DONE]", None: "[DONE] or not, sources disagree"}
    seen = words[answer.done]
    if habit is None or habit == answer.done:
        return Finding("done", "pass", seen, words[habit])
    advice = "Both ends are read: nothing to do. The table's row may be out of date."
    return Finding("done", "warn", seen, words[habit], advice)


def check_turn_two(answer: Answer) -> Finding:
    """The endpoint takes its own reasoning back with the next turn."""
    message = answer.request.body["messages"][1]
    place = next((name for name in REASONING_FIELDS if message.get(name)), "inline")
    if answer.reply is None:
        advice = "Set replay_reasoning=False; long tasks then lose their train of thought."
        return failed("turn-two", answer, "accepted", advice)
    return Finding("turn-two", "pass", f"accepted as {place}")


def places_of(answer: Answer) -> list[str]:
    """Return where the reasoning of an answer stood on the wire."""
    messages = [message for event in answer.events for message in _messages(event)]
    found: list[str] = [
        name for name in REASONING_FIELDS if any(message.get(name) for message in messages)
    ]
    content = "".join(
        message["content"] for message in messages if isinstance(message.get("content"), str)
    )
    reasoning = answer.reply.reasoning if answer.reply else None
    if _OPENING_TAG.match(content) or (reasoning is not None and reasoning.form == "inline"):
        found.append("inline")
    return found


def failed(check: str, answer: Answer, expected: str = "", advice: str = "") -> Finding:
    """Return the finding for a request that brought an error instead of a reply."""
    error = answer.error
    seen = f"{type(error).__name__}: {error}"
    if isinstance(error, RateLimitError):
        advice = _advice_on_limit(error)
    elif isinstance(error, NotFoundError):
        advice = "Check --model, and that the base URL ends with /v1."
    return Finding(check, "fail", seen, expected, advice or _advice(answer))


def quote(answer: Answer) -> str:
    """Return the beginning of an answer's text, on one line."""
    # Without secrets before it is cut, because half a key is not found.
    line = " ".join(answer.shown(answer.reply.text if answer.reply else "").split())
    return f'"{line[:_SNIPPET]}…"' if len(line) > _SNIPPET else f'"{line}"'


def duration(seconds: float) -> str:
    """Return a time in the unit that suits it."""
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"


def _advice_on_limit(error: RateLimitError) -> str:
    if error.resets_at is not None:
        return f"The limit ends at {shown_moment(error.resets_at)}, as the host says."
    if error.retryable:
        return "Wait a minute and run again; the account's limits may be used up."
    return "The plan's limit is used up: --quota asks what is left and when it resets."


def _advice(answer: Answer) -> str:
    error = answer.error
    if error is not None and error.retryable:
        again = "Run again; if it stays so, ask the provider"
        if error.request_id:
            return f"{again} with the request id."
        return f"{again}, or who runs what stands in between: the answer has no request id."
    if error is not None and error.status_code == _PROXY_PASSWORD:
        return "Put user and password into the proxy variable: http://user:password@host:port."
    limit = f"max_tokens was {MAX_TOKENS}"
    return f"Check --model and --base-url; the request was small ({limit})."


def _sent_finish_reason(answer: Answer) -> bool:
    """Whether a finish reason came; the library fills it in where `[DONE]` stands for it."""
    choices = [choice for event in answer.events for choice in event.get("choices") or ()]
    return any(isinstance(choice, dict) and choice.get("finish_reason") for choice in choices)


def _messages(event: JSONObject) -> list[JSONObject]:
    found = []
    for choice in event.get("choices") or ():
        part = choice.get("delta") or choice.get("message") if isinstance(choice, dict) else None
        if isinstance(part, dict):
            found.append(part)
    return found
