"""Many questions at once in LangChain, never faster than the account's rate limit."""

from __future__ import annotations

import asyncio
import time

from langchain_core.rate_limiters import InMemoryRateLimiter

from examples.connect import connect
from langchain_mara_minimax import ChatMiniMax

QUESTIONS = [f"What is {number} * {number}?" for number in range(11, 31)]


async def ask_all(questions: list[str]) -> list[str]:
    # 40 requests a second and 8 at a time, shared by every call of this model.
    limiter = InMemoryRateLimiter(
        requests_per_second=40, check_every_n_seconds=0.01, max_bucket_size=8
    )
    with connect("minimax") as connection:
        model = ChatMiniMax(rate_limiter=limiter, **connection)
        answers = await model.abatch(questions, {"max_concurrency": 8})
    return [answer.text for answer in answers]


def main() -> list[str]:
    start = time.perf_counter()
    answers = asyncio.run(ask_all(QUESTIONS))
    seconds = time.perf_counter() - start
    print(*answers, sep="\n")
    print(f"{len(answers)} answers in {seconds:.1f} s: {len(answers) / seconds:.0f} a second")
    return answers


if __name__ == "__main__":
    main()
