"""The rows: what is asked of everyone, and which tests promise it of ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.comparison import agent_checks as agents
from benchmarks.comparison import failure_checks as failures
from benchmarks.comparison import reasoning_checks as reasoning
from benchmarks.comparison import request_checks as requests
from benchmarks.comparison.caller import Caller
from benchmarks.comparison.verdict import Verdict


@dataclass(frozen=True)
class Feature:
    """One row; `langchain` and `llama_index` are ids of tests."""

    group: str
    title: str
    check: Callable[[Caller], Verdict]
    langchain: str
    llama_index: str
    provider: str = ""
    """Empty: either will do, and each class is asked at the one that is closer to it."""

    @property
    def key(self) -> str:
        return f"{self.group}: {self.title}"


_LC, _LI = "tests/langchain", "tests/llama_index"
_PARITY = "tests/project/test_parity.py::test_eight_call_forms_have_one_outcome"
_SENT_LC = f"{_LC}/test_agent_turns.py::test_turn_two_sends_back_what_turn_one_gave"
_SENT_LI = f"{_LI}/test_agents.py::test_a_tool_loop_by_hand_sends_the_turn_back_as_it_came"
_APART_LC = f"{_LC}/test_calls.py::test_every_way_of_calling_gives_the_same_message"
_APART_LI = f"{_LI}/test_calls.py::test_reasoning_is_never_in_text_or_delta"
_BREAK_LC = f"{_LC}/test_errors.py::test_an_error_event_in_a_stream_is_an_error"
_BREAK_LI = f"{_LI}/test_errors.py::test_every_stream_raises_when_it_breaks"
_KEY = "tests/secrets/test_displays.py::test_a_model_shows_no_secret"
_TEMPERATURE = "test_temperature_zero_works"
_FORMS = (
    ("details", "`reasoning_details`"),
    ("inline", "`<think>` text"),
    ("field", "`reasoning`"),
)

TITLES = {"minimax": "MiniMax", "mara": "MARA"}

_REASONING = [
    feature
    for form, name in _FORMS
    for provider in ["mara" if form == "field" else "minimax"]
    for feature in (
        Feature(
            "Reasoning",
            f"{name} ({TITLES[provider]}): apart from the answer, plain reply",
            reasoning.shown_plain(form),
            _APART_LC,
            _APART_LI,
            provider,
        ),
        Feature(
            "Reasoning",
            f"{name} ({TITLES[provider]}): apart from the answer, stream",
            reasoning.shown_streamed(form),
            _APART_LC,
            _APART_LI,
            provider,
        ),
        Feature(
            "Reasoning",
            f"{name} ({TITLES[provider]}): sent back in turn two",
            reasoning.sent_back(form, streamed=False),
            _SENT_LC,
            _SENT_LI,
            provider,
        ),
        Feature(
            "Reasoning",
            f"{name} ({TITLES[provider]}): sent back after a stream",
            reasoning.sent_back(form, streamed=True),
            _SENT_LC,
            _SENT_LI,
            provider,
        ),
    )
]

_FAILURES = [
    Feature(
        "Failures",
        "an error inside HTTP 200 is raised (MiniMax)",
        failures.raised("error-200-base-resp", "login fail", stream=False),
        f"{_LC}/test_errors.py::test_a_refusal_is_an_error_of_langchain_and_of_openai",
        f"{_LI}/test_errors.py::test_every_form_raises_what_the_provider_said",
        provider="minimax",
    ),
    Feature(
        "Failures",
        "an error inside HTTP 200 is raised where a stream was asked for (MiniMax)",
        failures.raised("error-json-on-stream", "insufficient balance", stream=True),
        f"{_LC}/test_errors.py::test_a_refusal_is_an_error_of_langchain_and_of_openai",
        f"{_LI}/test_errors.py::test_every_form_raises_what_the_provider_said",
        provider="minimax",
    ),
    Feature(
        "Failures",
        "`base_resp` in the middle of a stream is raised (MiniMax)",
        failures.raised("error-mid-stream-base-resp", "1033", "downstream", stream=True),
        _BREAK_LC,
        _BREAK_LI,
        provider="minimax",
    ),
    Feature(
        "Failures",
        "an error event in the middle of a stream is raised (MARA)",
        failures.raised("error-mid-stream-event", stream=True),
        _BREAK_LC,
        _BREAK_LI,
        "mara",
    ),
    Feature(
        "Failures",
        "a stream that ends early is an error, not a short answer",
        failures.raised("cut-stream", stream=True),
        f"{_LC}/test_errors.py::test_a_stream_that_ends_early_is_an_error",
        f"{_LI}/test_errors.py::test_every_stream_raises_when_it_breaks",
    ),
    Feature(
        "Failures",
        "`max_retries=2` makes three requests",
        failures.requests_counted,
        f"{_LC}/test_errors.py::test_requests_are_repeated_as_often_as_asked",
        f"{_LI}/test_errors.py::test_retries_have_one_owner",
    ),
    Feature(
        "Failures",
        "a rate limit inside HTTP 200 is retried (MiniMax)",
        failures.retried_inside_200,
        "tests/faults/test_retry_recovery.py::test_a_retried_failure_ends_in_the_answer",
        "tests/faults/test_retry_recovery.py::test_a_retried_failure_ends_in_the_answer",
        provider="minimax",
    ),
]

_STREAMS = [
    Feature(
        "Streams",
        "usage, without asking for it",
        failures.usage_streamed,
        f"{_LC}/test_calls.py::test_a_chunk_is_given_for_each_piece_and_metadata_once",
        f"{_LI}/test_calls.py::test_usage_and_finish_reason_stand_on_the_last_response",
    ),
    Feature(
        "Streams",
        "the same text, sync and async",
        reasoning.same_in_async_streams,
        _APART_LC,
        f"{_LI}/test_calls.py::test_every_chat_form_ends_with_the_same_message",
    ),
    Feature(
        "Streams",
        "a stream that is left closes its connection",
        failures.closed_when_left,
        f"{_LC}/test_calls.py::test_a_stream_that_is_abandoned_is_closed",
        f"{_LI}/test_abandoned_streams.py::test_an_abandoned_sync_stream_is_closed_on_the_server",
    ),
    Feature(
        "Streams",
        "arguments of tool calls in pieces",
        requests.arguments_streamed,
        f"{_LC}/test_replies.py::test_a_merged_stream_is_the_whole_reply",
        f"{_LI}/test_replies.py::test_streamed_arguments_are_parsed_as_far_as_they_go",
    ),
]

_REQUESTS = [
    Feature(
        "Requests",
        "tools are called",
        requests.tool_called,
        f"{_LC}/test_agents.py::test_an_agent_calls_its_tools_and_keeps_the_reasoning",
        f"{_LI}/test_agents.py::test_the_emulated_providers_run_an_agent_with_a_tool",
    ),
    Feature(
        "Requests",
        "a forced tool works where MiniMax refuses to force one",
        requests.forced_choice,
        "tests/project/test_refusals.py::test_a_named_tool_choice_is_accepted_by_hosts_that_refuse_it",
        f"{_LI}/test_structured.py::test_the_call_is_asked_for_in_words_where_it_is_not_enforced",
        provider="minimax",
    ),
    Feature(
        "Requests",
        "structured output at MiniMax",
        requests.object_filled,
        f"{_LC}/test_structured.py::test_every_method_and_schema_gives_the_object",
        f"{_LI}/test_structured.py::test_the_emulated_providers_fill_a_schema",
        provider="minimax",
    ),
    Feature(
        "Requests",
        "structured output at MARA",
        requests.object_filled,
        f"{_LC}/test_structured.py::test_mara_is_asked_by_a_forced_tool",
        f"{_LI}/test_structured.py::test_the_emulated_providers_fill_a_schema",
        "mara",
    ),
    Feature(
        "Requests",
        "`temperature=0` is accepted by MiniMax",
        requests.temperature_zero,
        f"{_LC}/test_calls.py::{_TEMPERATURE}",
        f"{_LI}/test_calls.py::{_TEMPERATURE}_and_says_what_it_does",
        provider="minimax",
    ),
    Feature(
        "Requests",
        "two system messages are accepted by MiniMax",
        requests.two_system_messages,
        "tests/project/test_refusals.py::test_a_history_that_minimax_refuses_is_mended",
        f"{_LI}/test_histories.py::test_a_history_is_accepted",
        provider="minimax",
    ),
    Feature(
        "Requests",
        "a misspelt setting is refused",
        requests.misspelling_refused,
        f"{_LC}/test_settings.py::test_a_misspelt_argument_is_an_error_that_suggests_the_name",
        f"{_LI}/test_settings.py::test_a_misspelt_argument_is_refused_with_a_suggestion",
    ),
    Feature(
        "Requests",
        "an `http_client` of one's own",
        requests.http_client_used,
        "tests/lifecycle/test_pools.py",
        "tests/lifecycle/test_pools.py",
    ),
]

_SECRETS = [
    Feature(
        "Secrets",
        "the key is in no repr, dump or pickle",
        requests.key_hidden,
        _KEY,
        f"{_LI}/test_settings.py::test_secrets_stand_in_no_readable_form",
    ),
    Feature(
        "Secrets",
        "a used model can be pickled",
        requests.pickled,
        f"{_LC}/test_serialization.py::test_a_copy_works_also_after_the_first_call",
        f"{_LI}/test_settings.py::test_a_pickle_works_and_does_not_show_the_secrets",
    ),
    Feature(
        "Secrets",
        "`OPENAI_ORG_ID` and `OPENAI_PROJECT_ID` are not sent",
        requests.openai_variables_ignored,
        "tests/secrets/test_environment.py::test_a_variable_changes_no_byte_of_a_request",
        f"{_LI}/test_settings.py::test_openai_settings_of_the_environment_do_not_reach_the_provider",
    ),
    Feature(
        "Secrets",
        "`OPENAI_API_KEY` does not go to another provider",
        requests.openai_key_kept_home,
        f"{_LC}/test_settings.py::test_without_a_key_one_error_names_argument_and_variable",
        f"{_LI}/test_settings.py::test_a_key_for_openai_is_never_used",
    ),
]

_HEADERS = (
    "tests/project/test_response_headers.py"
    "::test_they_are_shown_where_asked_for_without_cookies_and_authentication"
)
_REASONS = (
    "tests/core/transport/test_reasons.py::test_a_refused_connection_names_its_host_and_is_retried"
)
_COUNTS = "tests/core/reply/test_usage.py::test_counts_under_other_names"
_AGENTS = [
    Feature(
        "Agents and gateways",
        "a tool's image does not end an agent at a model without images",
        agents.goes_on_after_a_picture,
        f"{_LC}/test_tool_results.py::test_an_agent_goes_on_and_its_thread_stays_usable",
        f"{_LI}/test_tool_results.py::test_an_agent_goes_on_and_its_memory_stays_usable",
        "minimax",
    ),
    Feature(
        "Agents and gateways",
        "a call in the form of Anthropic's API (`tool_use`) is kept",
        agents.foreign_call_kept,
        f"{_LC}/test_foreign_histories.py::test_langchain_sends_what_the_table_says",
        f"{_LI}/test_foreign_histories.py::test_llama_index_sends_what_the_table_says",
    ),
    Feature(
        "Agents and gateways",
        "structured output from JSON in a fence",
        agents.fence_read,
        f"{_LC}/test_structured.py::test_json_in_text_is_found",
        f"{_LI}/test_structured.py::test_json_that_was_asked_for_comes_without_its_fence_in_every_form",
    ),
    Feature(
        "Agents and gateways",
        "a key that is a function, asked for each request",
        agents.key_asked_for,
        "tests/project/test_constructors.py::test_a_function_gives_the_key_also_of_copies_and_pickles",
        "tests/project/test_constructors.py::test_a_function_gives_the_key_also_of_copies_and_pickles",
    ),
    Feature(
        "Agents and gateways",
        "headers of the reply, with `include_response_headers=True`",
        agents.headers_shown,
        _HEADERS,
        _HEADERS,
    ),
    Feature(
        "Agents and gateways",
        "usage in other names (`input_tokens`)",
        agents.foreign_usage_read,
        _COUNTS,
        _COUNTS,
    ),
    Feature(
        "Agents and gateways",
        "a refused connection: the error names address and reason",
        agents.refusal_explained,
        _REASONS,
        _REASONS,
    ),
]

FEATURES: tuple[Feature, ...] = (
    *_REASONING,
    *_FAILURES,
    *_STREAMS,
    *_REQUESTS,
    *_AGENTS,
    *_SECRETS,
)
