"""The ratios that the package promises, and whether one run's rows keep them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from benchmarks.rows import Row, Rows, cpu, find, ratio
from benchmarks.stream_targets import stream_targets
from benchmarks.verdicts import Target, Verdict

LANGCHAIN_FLOOR = "langchain-core floor"
LLAMA_INDEX_FLOOR = "llama-index-core floor"
LANGCHAIN_PEERS = ("ChatOpenAI", "ChatDeepSeek", "ChatLiteLLM", "ChatSambaNova")
LLAMA_INDEX_PEERS = ("OpenAILike", "llama-index-llms-minimax", "SambaNovaCloud")


def judge(rows: Rows) -> list[Verdict]:
    """Return the verdicts of all targets that the rows speak about."""
    verdicts = []
    for target in TARGETS:
        try:
            floor = target.floor(rows) if target.floor is not None else None
            verdicts.append(Verdict(target, target.figure(rows), floor))
        except KeyError:
            # A run of some scenarios, or a quick one, measures fewer cases.
            continue
    return verdicts


def growth(framework: str, subject: str) -> Callable[[Rows], float]:
    """Return the figure: how much more a chunk costs in a stream of 50,000."""
    long, short = f"{framework} 50,000 chunks, sync", f"{framework} 1,000 chunks, sync"
    return lambda rows: cpu(rows, long, subject) / cpu(rows, short, subject)


def own_growth(rows: Rows) -> float:
    """Return our growth in LlamaIndex divided by that of LlamaIndex itself."""
    return growth("LlamaIndex", "MiniMax")(rows) / growth("LlamaIndex", LLAMA_INDEX_FLOOR)(rows)


def against_best(case: str, ours: str, peers: Sequence[str]) -> Callable[[Rows], float]:
    """Return the figure: our CPU divided by that of the cheapest peer that ran."""

    def figure(rows: Rows) -> float:
        ran = [row["cpu"]["median"] for row in rows if _ran(row, case) and row["subject"] in peers]
        if not ran:
            raise KeyError(case)
        return cpu(rows, case, ours) / float(min(ran))

    return figure


def _ran(row: Row, case: str) -> bool:
    return row["case"] == case and "error" not in row


def crowd_ratio(field: str, above: str, below: str) -> Callable[[Rows], float]:
    """Return the figure: a field of the concurrent streams of one subject by another's."""

    def figure(rows: Rows) -> float:
        case = crowd_case(rows)
        return float(
            find(rows, case, above)[field]["median"] / find(rows, case, below)[field]["median"]
        )

    return figure


def crowd_losses(rows: Rows) -> float:
    """Return how many of our concurrent streams failed or came short."""
    row = find(rows, crowd_case(rows), "ChatMiniMax")
    return float(row["errors"] + row["incomplete"])


def crowd_case(rows: Rows) -> str:
    """Return the case of concurrent streams; a quick run has fewer of them."""
    for row in rows:
        if str(row["case"]).endswith("concurrent streams"):
            return str(row["case"])
    raise KeyError("concurrent streams")


def worst_growth(scenario: str) -> Callable[[Rows], float]:
    """Return the figure: the most that one item costs more among many, in any case."""

    def figure(rows: Rows) -> float:
        found = [row["growth"] for row in rows if row.get("scenario") == scenario]
        if not found:
            raise KeyError(scenario)
        return float(max(found))

    return figure


def latest_first_chunk(rows: Rows) -> float:
    """Return how many events were sent, at most, when one of ours gave its first text."""
    ours = ("ChatMiniMax", "ChatMARA", "MiniMax", "MARA", "mara_minimax")
    sent = [
        row["events"]
        for row in rows
        if str(row["case"]).startswith("first chunk") and row["subject"].partition(",")[0] in ours
    ]
    if not sent:
        raise KeyError("first chunk")
    return float(max(sent))


def _targets() -> Iterator[Target]:
    yield from stream_targets()
    for framework, ours, peer, floor, wanted in (
        ("LangChain", "ChatMiniMax", "ChatOpenAI", LANGCHAIN_FLOOR, 6.0),
        ("LlamaIndex", "MiniMax", "OpenAILike", LLAMA_INDEX_FLOOR, 5.0),
    ):
        for mode in ("sync", "async"):
            text = f"{framework} text, {mode}"
            yield Target(f"{text}: {peer} / {ours}", ">=", wanted, ratio(text, peer, ours))
            yield Target(f"{text}: {ours} / floor", "<=", 1.6, ratio(text, ours, floor))
        if framework == "LangChain":
            for case in ("reasoning", "tool call"):
                for mode in ("sync", "async"):
                    full = f"{framework} {case}, {mode}"
                    yield Target(f"{full}: {peer} / {ours}", ">=", 4.0, ratio(full, peer, ours))
        for count, least in (("300", 8.0), ("1,500", 20.0)):
            history = f"{framework} {count} messages"
            yield Target(f"{history}: {peer} / {ours}", ">=", least, ratio(history, peer, ours))
    yield from _import_targets()
    yield Target(
        "LangChain, a chunk of 50,000 / of 1,000: ChatMiniMax",
        "<=",
        1.5,
        growth("LangChain", "ChatMiniMax"),
    )
    yield Target("LlamaIndex, growth to 50,000: MiniMax / floor", "<=", 1.0, own_growth)
    yield Target(
        "an item of 2,000 / of 250, the worst of our work", "<=", 2.0, worst_growth("linear")
    )
    yield Target(
        "malformed arguments, a character of 80 kB / of 5 kB, the worst case",
        "<=",
        2.0,
        worst_growth("malformed"),
    )
    yield Target("concurrent streams lost: ChatMiniMax", "<=", 0, crowd_losses)
    yield Target(
        "concurrent streams, CPU: ChatOpenAI / ChatMiniMax",
        ">=",
        4.0,
        crowd_ratio("cpu", "ChatOpenAI", "ChatMiniMax"),
    )
    yield Target(
        "concurrent streams, added peak memory: ChatMiniMax / ChatOpenAI",
        "<",
        1.0,
        crowd_ratio("added_peak_mib", "ChatMiniMax", "ChatOpenAI"),
    )
    for ours in ("mara_minimax", "ChatMiniMax", "MiniMax"):
        yield Target(
            f"plain call: {ours} / openai SDK", "<=", 1.0, ratio("plain call", ours, "openai SDK")
        )
    yield Target("events sent when our first text arrives", "<=", 1, latest_first_chunk)


def _import_targets() -> Iterator[Target]:
    for ours, base, most in (
        ("langchain_mara_minimax", "langchain_core.language_models.chat_models", 1.25),
        ("llama_index_mara_minimax", "llama_index.core.llms", 1.15),
    ):
        yield Target(f"import: {ours} / {base}", "<=", most, ratio("import", ours, base))
    for ours, peers in (("ChatMiniMax", LANGCHAIN_PEERS), ("MiniMax", LLAMA_INDEX_PEERS)):
        yield Target(
            f"one-question script: {ours} / cheapest peer",
            "<",
            1.0,
            against_best("one-question script", ours, peers),
        )


TARGETS = tuple(_targets())
