"""Many questions at once in LlamaIndex, never faster than the account's rate limit."""

from __future__ import annotations

import asyncio
import time

from llama_index.core.async_utils import run_jobs
from llama_index.core.llms import ChatMessage
from llama_index.core.rate_limiter import TokenBucketRateLimiter

from examples.connect import connect
from llama_index_mara_minimax import MiniMax

QUESTIONS = [f"What is {number} * {number}?" for number in range(11, 31)]


async def ask_all(questions: list[str]) -> list[str]:
    # 8 at a time, and 2,400 a minute of which a burst may come at once, for all its calls.
    limiter = TokenBucketRateLimiter(requests_per_minute=2400)
    with connect("minimax") as connection:
        llm = MiniMax(rate_limiter=limiter, **connection)
        jobs = [llm.achat([ChatMessage(question)]) for question in questions]
        responses = await run_jobs(jobs, workers=8)
    return [response.message.content for response in responses]


def main() -> list[str]:
    start = time.perf_counter()
    answers = asyncio.run(ask_all(QUESTIONS))
    seconds = time.perf_counter() - start
    print(*answers, sep="\n")
    print(f"{len(answers)} answers in {seconds:.1f} s: {len(answers) / seconds:.0f} a second")
    return answers


if __name__ == "__main__":
    main()
