"""The table of scenarios: every reply form and failure the emulator produces on demand."""

from __future__ import annotations

from mara_minimax.emulator.checks import disputed
from mara_minimax.emulator.scenarios import changes, refusals
from mara_minimax.emulator.scenarios.between import GATEWAYS, SERVERS
from mara_minimax.emulator.scenarios.scenario import ALL, MARA, MINIMAX, Scenario
from mara_minimax.emulator.wire import oddities, tool_shapes
from mara_minimax.emulator.wire.transport import Transport

# Scenarios about reasoning and tools; the models behind llmprovider.ai have neither.
_THINKING = MINIMAX | MARA
_MM_TAGS = {
    "reasoning": "inline",
    "opening": "<mm:think>\n",
    "closing": "\n</mm:think>\n\n",
    "closing_before_calls": "\n</mm:think>\n",
}
# As M2.5, M2.7 and M3 bodies have it (captured 2026-03 to 2026-07).
_TIGHT_TAGS = {
    "reasoning": "inline",
    "opening": "<think>",
    "closing": "</think>\n\n",
    "closing_before_calls": "</think>\n\n",
}
_NO_OPENER = {"reasoning": "inline", "opening": ""}
_UNCLOSED = {"reasoning": "inline", "closing": "", "closing_before_calls": ""}

_BARE_DELTA = {"role": "assistant", "name": "MiniMax AI", "audio_content": ""}
_ONLY_REASONING = changes.fields(text="", tool_calls=(), finish_reason="length")
_QUOTING = "{} In raw replies <think> opens the reasoning and </think> closes it."
_BEYOND_ASCII = changes.texts(
    text="{} \u00e4 \u4f60\u597d \U0001f680", reasoning="{} \u2713\U0001f9ed"
)

_STREAMS = (
    Scenario("default", "the provider's usual form"),
    Scenario("usage-chunk", "stream ends with a usage chunk, choices []",
             form={"ending": "usage-chunk"}),
    Scenario("usage-chunk-null-choices", "stream ends with a usage chunk, choices null",
             form={"ending": "usage-chunk"}, events=oddities.null_choices),
    Scenario("summary-frame", "zero usage in chunks, then a chat.completion frame with everything",
             MINIMAX, form={"ending": "summary-frame"}),
    Scenario("nothing-extra", "stream ends with the finish reason, usage nowhere",
             form={"ending": "nothing"}),
    Scenario("with-done", "data: [DONE] closes the stream", form={"done": True}),
    Scenario("no-done", "no data: [DONE]", form={"done": False}),
    Scenario("cumulative", "each delta repeats the text and reasoning so far",
             events=oddities.cumulative),
    Scenario("tiny-deltas", "three characters a delta, cutting tags", form={"piece": 3}),
    Scenario("role-first", "a first delta with the role alone", events=oddities.role_first),
    Scenario("bare-messages", "messages of role and content, without name and audio_content",
             MINIMAX, events=oddities.bare, whole_too=True),
    Scenario("role-empty", 'role "" on all deltas after the first', events=oddities.empty_role),
    Scenario("delta-null", "the finish chunk has delta null", events=oddities.final_delta(None)),
    Scenario("delta-bare", "a finish chunk of its own whose delta has no content key",
             events=oddities.final_delta(_BARE_DELTA)),
    Scenario("no-finish-reason", "no finish reason, [DONE] at the end", form={"done": True},
             events=oddities.no_finish_reason, whole_too=True),
    Scenario("finish-empty", 'finish reason ""', reply=changes.fields(finish_reason="")),
    Scenario("usage-cache-read", "cache_read_input_tokens and cache_creation_input_tokens",
             _THINKING, form={"cache_details": True, "ending": "usage-chunk"}),
    Scenario("usage-beside-choices", "usage in the chunk with the finish reason",
             form={"ending": "usage-chunk"}, events=oddities.usage_beside_choices),
    Scenario("usage-no-reasoning-tokens", "usage without the tokens of the reasoning", MINIMAX,
             form={"reasoning_tokens": False}),
    Scenario("usage-reasoning-tokens", "usage with the tokens of the reasoning", MARA,
             form={"reasoning_tokens": True}),
    Scenario("usage-none", "usage null everywhere, whatever was asked",
             reply=changes.fields(usage=None)),
    Scenario("float-created", "created with a fraction", events=oddities.float_created,
             whole_too=True),
    Scenario("json-fenced", "JSON answers in a Markdown fence", reply=changes.fenced_json),
)  # fmt: skip

_REASONING = (
    Scenario("think-inline", "<think> in content, also with reasoning_split", _THINKING,
             form={"reasoning": "inline"}),
    Scenario("mara-think", "<think> in content at MARA", MARA, form={"reasoning": "inline"}),
    Scenario("think-tight", "<think> and </think> without line breaks of their own", _THINKING,
             form=_TIGHT_TAGS),
    Scenario("content-beside-reasoning", 'content "" beside each piece of split reasoning',
             _THINKING, form={"reasoning": "split"}, events=oddities.empty_content),
    Scenario("mm-think", "<mm:think> in content", _THINKING, form=_MM_TAGS),
    Scenario("close-only", "reasoning in content, closed by </think>, never opened", _THINKING,
             form=_NO_OPENER),
    Scenario("think-unclosed-length", "<think> opened, token limit, never closed", _THINKING,
             form=_UNCLOSED, reply=_ONLY_REASONING),
    Scenario("reasoning-split", "reasoning_content and reasoning_details with the same text",
             _THINKING, form={"reasoning": "split"}),
    Scenario("details-only", "reasoning_details alone", _THINKING,
             form={"reasoning": "reasoning_details"}),
    Scenario("reasoning-content-only", "reasoning_content alone", _THINKING,
             form={"reasoning": "reasoning_content"}),
    Scenario("reasoning-field", "reasoning in the field `reasoning`", _THINKING,
             form={"reasoning": "reasoning"}),
    Scenario("mirrored", "<think> in content and the same in reasoning_content", _THINKING,
             form={"reasoning": "mirrored"}),
    Scenario("stray-closer", "split reasoning, </think> left at the start of the text", _THINKING,
             form={"reasoning": "split"}, reply=changes.texts(text="</think>\n\n{}")),
    Scenario("stray-closer-reasoning", "split reasoning with </think> at its end", _THINKING,
             form={"reasoning": "split"}, reply=changes.texts(reasoning="{}\n</think>")),
    Scenario("quoted-think", "an answer that speaks of <think> and </think>", ALL,
             reply=changes.texts(text=_QUOTING)),
    Scenario("reasoning-only", "token limit inside the reasoning, no answer", _THINKING,
             reply=_ONLY_REASONING),
)  # fmt: skip

_TOOLS = (
    Scenario("tools", "calls the first given tool, or the first two", _THINKING,
             reply=changes.forced()),
    Scenario("finish-tool-call-singular", "finish reason tool_call", _THINKING,
             reply=changes.finishing("tool_call")),
    Scenario("finish-stop-with-calls", "finish reason stop beside calls", _THINKING,
             reply=changes.finishing("stop")),
    Scenario("tools-no-index", "call deltas without index", _THINKING,
             reply=changes.forced(), form=tool_shapes.NO_INDEX),
    Scenario("tools-one-chunk", "all calls whole in one delta", _THINKING,
             reply=changes.forced(), form={"fragments": tool_shapes.in_one_chunk}),
    Scenario("tools-no-index-one-chunk", "all calls whole in one delta, without index", _THINKING,
             reply=changes.forced(), form=tool_shapes.NO_INDEX_ONE_CHUNK),
    Scenario("tools-interleaved", "fragments of two calls in turns", _THINKING,
             reply=changes.forced(), form={"fragments": tool_shapes.interleaved}),
    Scenario("tools-repeated-id", "each fragment repeats id, type and name", _THINKING,
             reply=changes.forced(), form={"fragments": tool_shapes.repeating_id}),
    Scenario("tools-whole", "each call whole in a delta of its own", _THINKING,
             reply=changes.forced(), form={"fragments": tool_shapes.whole}),
    Scenario("tools-repeated-type", "each fragment repeats the type, not the id", _THINKING,
             reply=changes.forced(), form={"fragments": tool_shapes.repeating_type}),
    Scenario("tools-hexadecimal-ids", "ids of call_ and 24 hexadecimal digits", MINIMAX,
             reply=changes.forced(), form=tool_shapes.HEXADECIMAL_IDS),
    Scenario("tools-tag-after", "a tag in the content after the calls, two finish chunks", MINIMAX,
             reply=changes.forced(), form={"reasoning": "inline"}, events=oddities.tag_after_calls),
    Scenario("tools-missing-id", "calls without id", _THINKING, reply=changes.forced(),
             form=tool_shapes.NO_ID),
    Scenario("tools-name-late", "the name comes after the id", _THINKING,
             reply=changes.forced(), form={"fragments": tool_shapes.with_late_name}),
    Scenario("tools-object-arguments", "arguments as an object", _THINKING,
             reply=changes.forced(), form=tool_shapes.OBJECTS),
    Scenario("tools-null-arguments", "arguments null", _THINKING, reply=changes.forced(),
             form=tool_shapes.NULLS),
    Scenario("tools-empty-arguments", 'arguments ""', _THINKING,
             reply=changes.arguing(lambda _: "")),
    Scenario("tools-invalid-json", "arguments that are not JSON", _THINKING,
             reply=changes.arguing(lambda text: text[:-1] + ",,}")),
    Scenario("tools-truncated-length", "arguments cut off by the token limit", _THINKING,
             reply=changes.forced(changes.truncated)),
    Scenario("tools-leaked-markup", "calls as the model's own markup in the text", _THINKING,
             reply=changes.leaking(changes.m2_markup)),
    Scenario("tools-leaked-markup-m3", "the same in the markup of MiniMax-M3", _THINKING,
             reply=changes.leaking(changes.m3_markup)),
)  # fmt: skip

_WITHOUT_THOUGHT = changes.fields(
    text="I can't help with that.", reasoning="", tool_calls=(), finish_reason="stop"
)
_REFUSALS = (
    Scenario("refusal-filter", "a content filter ends the answer after some words", ALL,
             reply=changes.fields(text="I can", tool_calls=(), finish_reason="content_filter")),
    Scenario("refusal-filter-empty", "a content filter leaves nothing of the answer", ALL,
             reply=changes.fields(text="", tool_calls=(), finish_reason="content_filter")),
    Scenario("refusal-words", "the model refuses in the field refusal", ALL,
             reply=_WITHOUT_THOUGHT, events=oddities.in_refusal, whole_too=True),
    Scenario("refusal-sensitive", "output_sensitive and no content", MINIMAX,
             reply=changes.fields(text="", tool_calls=()), events=oddities.sensitive,
             whole_too=True),
    Scenario("sensitive-answer", "output_sensitive beside an answer", MINIMAX,
             events=oddities.sensitive, whole_too=True),
)  # fmt: skip

_ERRORS_IN_200 = (
    Scenario("error-200-base-resp", "HTTP 200 with base_resp 1004", MINIMAX,
             events=oddities.failed(1004, "login fail"), whole_too=True),
    Scenario("error-200-rate-limit", "HTTP 200 with base_resp 1002", MINIMAX,
             events=oddities.failed(1002, "rate limit"), whole_too=True),
    Scenario("error-200-rate-limit-once", "the same for the first request alone", MINIMAX,
             events=oddities.failed(1002, "rate limit"), whole_too=True, once=True),
    Scenario("error-200-choices-null", "HTTP 200, choices null, no base_resp", MINIMAX,
             events=oddities.failed(), whole_too=True),
    Scenario("error-json-on-stream", "HTTP 200 JSON error though a stream was asked for", MINIMAX,
             events=oddities.failed(1008, "insufficient balance"), whole_too=True,
             never_streams=True),
    Scenario("error-mid-stream-base-resp", "base_resp 1033 in the middle of a stream", MINIMAX,
             events=oddities.failed_halfway(1033, "system error"), whole_too=True),
    Scenario("error-mid-stream-event", "the provider's error body in the middle of a stream",
             refusals=refusals.IN_STREAM, refuses_halfway=True),
)  # fmt: skip

_DISPUTED = (
    Scenario("refuse-forced-tool-choice", "tool_choice other than auto and none is refused",
             MINIMAX, rules=(disputed.no_forced_tool_choice,)),
    Scenario("refuse-empty-content", 'content "" beside tool calls is refused', MINIMAX,
             rules=(disputed.no_empty_content_beside_calls,)),
    Scenario("refuse-null-content", "content null beside tool calls is refused", MINIMAX,
             rules=(disputed.no_null_content_beside_calls,)),
)  # fmt: skip

_HTTP_ERRORS = (
    Scenario("http-401", "wrong key", refusals=refusals.WRONG_KEY),
    Scenario("http-402", "no money", refusals=refusals.NO_MONEY),
    Scenario("http-429", "rate limit without Retry-After", refusals=refusals.RATE_LIMIT),
    Scenario("http-429-retry-after", "rate limit with Retry-After",
             refusals=refusals.RATE_LIMIT, retry_after=True),
    Scenario("http-429-once", "rate limit for the first request alone",
             refusals=refusals.RATE_LIMIT, once=True),
    Scenario("http-429-queue-full", "too many requests in flight", MARA,
             refusals=refusals.QUEUE_FULL),
    Scenario("http-429-plan-limit", "plan used up (2056), not worth a retry", MINIMAX,
             refusals=refusals.PLAN_LIMIT),
    Scenario("http-500", "server error", refusals=refusals.SERVER_ERROR),
    Scenario("http-500-once", "server error for the first request alone",
             refusals=refusals.SERVER_ERROR, once=True),
    Scenario("http-500-sensitive", "input called sensitive (1026)", MINIMAX,
             refusals=refusals.SENSITIVE),
    Scenario("http-503", "plain text, service unavailable", MARA, refusals=refusals.UNAVAILABLE),
    Scenario("http-529", "overloaded", MINIMAX, refusals=refusals.OVERLOADED),
    Scenario("http-html-502", "a proxy's HTML page", failure=refusals.GATEWAY_PAGE),
    Scenario("http-502-endless", "a 502 whose body never ends", failure=refusals.ENDLESS_PAGE),
    Scenario("http-400-model-output", "the model's tool call could not be parsed", MARA,
             refusals=refusals.MODEL_OUTPUT),
    Scenario("context-overflow", "prompt too long, whatever its length", context_window=0),
)  # fmt: skip

_TRANSPORT = (
    Scenario("cut-stream", "the reply ends halfway, before the finish reason",
             transport=Transport(end="eof")),
    Scenario("cut-connection", "the connection drops halfway", transport=Transport(end="drop")),
    Scenario("stalled", "silence halfway, the connection stays open",
             transport=Transport(end="hold")),
    Scenario("never-closes", "all is sent, the connection stays open",
             transport=Transport(hold_after_end=True)),
    Scenario("slow", "a pause between chunks (Emulator(delay=...))",
             transport=Transport(slow=True)),
    Scenario("tiny-bytes", "three bytes a write, cutting UTF-8 and JSON",
             transport=Transport(piece=3), reply=_BEYOND_ASCII),
    Scenario("crlf", "lines end with CR LF", transport=Transport(newline="\r\n")),
    Scenario("comments", "a comment line before each event", transport=Transport(comments=True)),
)  # fmt: skip

SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        *_STREAMS, *_REASONING, *_TOOLS, *_REFUSALS, *GATEWAYS, *SERVERS, *_ERRORS_IN_200,
        *_DISPUTED, *_HTTP_ERRORS, *_TRANSPORT,
    )
}  # fmt: skip
