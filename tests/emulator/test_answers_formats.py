"""Answer rules for prompts that fix the form of the answer: ReAct, selectors, verdicts."""

from __future__ import annotations

import json

import pytest

NUMBERS = (
    '{"properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}, '
    '"required": ["a", "b"], "type": "object"}'
)
REACT = f"""You are designed to help with a variety of tasks.

## Tools

You have access to the following tools:
> Tool Name: multiply
Tool Description: multiply(a: int, b: int) -> int
Multiply two numbers.
Tool Args: {NUMBERS}

> Tool Name: add
Tool Description: Add two numbers.
Tool Args: {NUMBERS}

## Output Format

```
Thought: The current language of the user is: (user's language).
Action: tool name (one of multiply, add) if using a tool.
Action Input: the input to the tool, in a JSON format
```
"""


def react(asker, *messages):
    history = [{"role": "system", "content": REACT}]
    history += [{"role": role, "content": content} for role, content in messages]
    return asker.text(history)


def test_react_acts_with_json_input(minimax):
    thought, action, argument = react(minimax, ("user", "What is 3 * 4 + 5?")).splitlines()
    assert thought.startswith("Thought: ")
    assert action == "Action: multiply"
    assert json.loads(argument.removeprefix("Action Input: ")) == {"a": 3, "b": 4}


def test_react_goes_on_after_an_observation_and_ends_with_an_answer(minimax):
    turns = [("user", "What is 3 * 4 + 5?")]
    turns += [("assistant", react(minimax, *turns)), ("user", "Observation: 12")]
    second = react(minimax, *turns)
    assert "Action: add" in second
    turns += [("assistant", second), ("user", "Observation: 17")]
    final = react(minimax, *turns).splitlines()
    assert final[0].startswith("Thought: ")
    assert final[1].startswith("Answer: ")
    assert "17" in final[1]


def test_react_answers_small_talk_at_once(minimax):
    assert "Answer: Hello!" in react(minimax, ("user", "Hello!"))


SELECT = (
    "Some choices are given below. It is provided in a numbered list (1 to 2), where each item in "
    "the list corresponds to a summary.\n---------------------\n"
    "(1) Useful for questions about the weather\n\n"
    "(2) Useful for questions about boats and permits\n---------------------\n"
    "Using only the choices above and not prior knowledge, return the choice that is most relevant "
    "to the question: 'Which boats need permits?'\n"
)


def test_selector_gets_json_when_it_shows_json(minimax):
    schema = '\nThe output should be formatted as a JSON instance: [{"choice": 1, "reason": "..."}]'
    (selection,) = json.loads(minimax.text(SELECT + schema))
    assert selection["choice"] == 2
    assert selection["reason"]


def test_selector_chooses_by_the_choices_alone(minimax):
    question = SELECT.replace("Which boats need permits?", "Will the weather be fine?")
    assert minimax.text(question).startswith("ANSWER: 1.")


def test_selector_gets_a_number_otherwise(minimax):
    assert minimax.text(SELECT).startswith("ANSWER: 2.")


def test_condensed_question_is_the_follow_up(minimax):
    prompt = (
        "\n  Given the following conversation between a user and an AI assistant and a follow up "
        "question from user,\n  rephrase the follow up question to be a standalone question.\n\n"
        "  Chat History:\n  user: Hello\n  Follow Up Input: When does the office open?\n"
        "  Standalone question:"
    )
    assert minimax.text(prompt) == "When does the office open?"


@pytest.mark.parametrize(
    ("claim", "verdict"), [("Boats need a permit.", "YES"), ("Cars pay tolls.", "NO")]
)
def test_evaluator_gets_a_verdict(minimax, claim, verdict):
    prompt = (
        "Please tell if a given piece of information is supported by the context.\nYou need to "
        "answer with either YES or NO.\n"
        f"Information: {claim}\nContext: Long boats need a permit in this harbour.\nAnswer: "
    )
    assert minimax.text(prompt) == verdict


def test_keywords_are_listed(minimax):
    prompt = (
        "Some text is provided below. Given the text, extract up to 2 keywords from the text. "
        "Avoid stopwords.---------------------\nBoats and more boats need permits.\n"
        "---------------------\nProvide keywords in the following comma-separated format: "
        "'KEYWORDS: <keywords>'\n"
    )
    assert minimax.text(prompt).startswith("KEYWORDS: boats, ")


def test_title_comes_from_the_first_sentence(minimax):
    prompt = (
        "Context: The harbour of Elm has nine berths. Give a title that summarizes all of the "
        "unique entities, titles or themes found in the context. Title: "
    )
    assert minimax.text(prompt) == "Harbour of elm has nine berths"


def test_documents_are_ranked(minimax):
    prompt = (
        "Respond with the numbers of the documents you should consult.\n\nLet's try this now:\n\n"
        "Document 1:\nThe weather is mild.\n\nDocument 2:\nBoats need a permit.\n\n"
        "Question: Which boats need a permit?\n\nAnswer:"
    )
    assert minimax.text(prompt).startswith("Doc: 2, Relevance: ")


def test_relevancy_gets_a_verdict(minimax):
    prompt = (
        "Your task is to evaluate if the response for the query is in line with the context "
        "information provided.\nYou have two options to answer. Either YES/ NO.\n"
        "Query and Response: \n Question: Who needs a permit?\nResponse: Long boats.\n"
        "Context: \n Long boats need a permit in this harbour.\nAnswer: "
    )
    assert minimax.text(prompt) == "YES"


def test_correctness_gets_a_score_and_a_reason(minimax):
    system = "Output a single score that represents a holistic evaluation."
    user = (
        "\n## User Query\nWho needs a permit?\n\n## Reference Answer\nLong boats.\n\n"
        "## Generated Answer\n{answer}\n"
    )
    scores = []
    for answer in ("Long boats.", "Nobody at all."):
        messages = [
            {"role": "system", "content": system},
            {"role": "user", "content": user.format(answer=answer)},
        ]
        score, _, reason = minimax.text(messages).partition("\n")
        scores.append(float(score))
        assert reason
    assert scores == [5.0, 1.0]


def test_questions_are_made_of_the_sentences(minimax):
    prompt = (
        "Here is the context:\nThe harbour has nine berths. Boats need a permit.\n\nGiven the "
        "contextual information, generate 2 questions this context can provide specific answers to."
    )
    first, second = minimax.text(prompt).splitlines()
    assert "harbour" in first
    assert "permit" in second


def test_sub_question_goes_to_the_best_tool(minimax):
    prompt = (
        "Given a user question, and a list of tools, output a list of relevant sub-questions in "
        'json markdown:\n\n# Example 2\n<Tools>\n```json\n{"a": "About the weather", '
        '"b": "About boats"}\n```\n\n<User Question>\nWhich boats need permits?\n\n<Output>\n'
    )
    answer = minimax.text(prompt).removeprefix("```json").removesuffix("```")
    (item,) = json.loads(answer)["items"]
    assert item == {"sub_question": "Which boats need permits?", "tool_name": "b"}


def test_triplets_come_from_sentences(minimax):
    prompt = (
        "Some text is provided below. Given the text, extract up to 2 knowledge triplets in the "
        "form of (subject, predicate, object).\n---------------------\nText: Philz is a shop.\n"
        "---------------------\nText: Elm has nine berths.\nTriplets:\n"
    )
    assert minimax.text(prompt) == "(Elm, has, nine berths)"


def test_query_engine_tool_is_used_in_react(minimax):
    tool = (
        "> Tool Name: harbour\nTool Description: Useful for questions about the harbour and boats\n"
        'Tool Args: {"properties": {"input": {"type": "string"}}, "required": ["input"]}\n'
    )
    system = REACT.replace("> Tool Name: multiply", tool + "\n> Tool Name: multiply")
    messages = [
        {"role": "system", "content": system},
        {"role": "user", "content": "Which boats need a permit?"},
    ]
    text = minimax.text(messages)
    assert "Action: harbour" in text
    assert '{"input": "Which boats need a permit?"}' in text
