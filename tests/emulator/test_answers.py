"""The answer rules: what is said depends on the question, the context, the tools, the schema."""

from __future__ import annotations

import json

import pytest

HARBOUR = (
    "# Elm\n\n"
    "The lighthouse of Elm stands on the west pier. It was built in 1911 by Ada Stone. Its lamp\n"
    "turns once every twelve seconds.\n\n"
    "## Harbour office\n\n"
    "- The office opens at 8:30 on weekdays.\n"
    "- Boats longer than 20 metres need a permit.\n\n"
    "| fee | amount |\n|---|---|\n| overnight mooring | 14 pounds |\n"
)
LLAMA_QA = (
    "Context information is below.\n---------------------\nfile_path: notes/elm.md\n\n{context}\n"
    "---------------------\nGiven the context information and not prior knowledge, answer the "
    "query.\nQuery: {question}\nAnswer: "
)
LLAMA_SYSTEM = (
    "You are an expert Q&A system that is trusted around the world.\nAlways answer the query using "
    "the provided context information, and not prior knowledge.\nSome rules to follow:\n1. Never "
    "directly reference the given context in your answer.\n2. Avoid statements like 'Based on the "
    "context, ...' or 'The context information ...' or anything along those lines."
)
QUESTIONS = {
    "When was the lighthouse built?": "It was built in 1911 by Ada Stone.",
    "How often does the lamp turn?": "Its lamp turns once every twelve seconds.",
    "When does the harbour office open?": "The office opens at 8:30 on weekdays.",
    "Which boats need a permit?": "Boats longer than 20 metres need a permit.",
    "What is the amount of the fee for overnight mooring?": "overnight mooring | 14 pounds",
}
CONVERSATIONS = {
    "LlamaIndex text_qa": lambda question: [
        {"role": "system", "content": LLAMA_SYSTEM},
        {"role": "user", "content": LLAMA_QA.format(context=HARBOUR, question=question)},
    ],
    "LlamaIndex context chat engine": lambda question: [
        {
            "role": "system",
            "content": "Use the context information below to assist the user."
            f"\n--------------------\n{HARBOUR}\n--------------------\n",
        },
        {"role": "user", "content": question},
    ],
    "LlamaIndex condense plus context": lambda question: [
        {
            "role": "system",
            "content": "\n  The following is a friendly conversation between a user and an AI "
            "assistant.\n  If the assistant does not know the answer to a question, it truthfully "
            "says it\n  does not know.\n\n  Here are the relevant documents for the context:\n\n"
            f"{HARBOUR}\n\n  Instruction: Based on the above documents, provide a detailed answer "
            'for the user question below.\n  Answer "don\'t know" if not present.\n',
        },
        {"role": "user", "content": question},
    ],
    "LangChain rag-prompt": lambda question: [
        {
            "role": "user",
            "content": "You are an assistant for question-answering tasks. Use the following "
            "pieces of retrieved context to answer the question. If you don't know the answer, "
            "just say that you don't know. Use three sentences maximum and keep the answer "
            f"concise.\nQuestion: {question} \nContext: {HARBOUR} \nAnswer:",
        }
    ],
    "LangChain stuff chain": lambda question: [
        {
            "role": "user",
            "content": "Use the following pieces of context to answer the question at the end. If "
            "you don't know the answer, just say that you don't know, don't try to make up an "
            f"answer.\n\n{HARBOUR}\n\nQuestion: {question}\nHelpful Answer:",
        }
    ],
    "LangChain system prompt": lambda question: [
        {
            "role": "system",
            "content": "You are a helpful assistant. Use the following context in your response:"
            f"\n\n{HARBOUR}",
        },
        {"role": "user", "content": question},
    ],
    "tags": lambda question: [
        {"role": "user", "content": f"<context>\n{HARBOUR}</context>\n\n{question}"}
    ],
    "bare text": lambda question: [{"role": "user", "content": f"{HARBOUR}\n\n{question}"}],
}


@pytest.mark.parametrize("kind", CONVERSATIONS)
@pytest.mark.parametrize("question", QUESTIONS)
def test_answer_is_the_sentence_of_the_context(minimax, kind, question):
    text = minimax.text(CONVERSATIONS[kind](question))
    assert QUESTIONS[question] in text
    assert len(text) < 200


@pytest.mark.parametrize("kind", CONVERSATIONS)
def test_question_beyond_the_context_is_not_answered(minimax, kind):
    text = minimax.text(CONVERSATIONS[kind]("What is the capital of Mars?"))
    assert text.startswith('You asked about "the capital of Mars"')


def test_reasoning_names_the_subject_and_is_not_the_answer(minimax):
    messages = CONVERSATIONS["tags"]("Which boats need a permit?")
    message = minimax.message(messages, reasoning_split=True)
    assert '"Which boats need a permit"' in message["reasoning_content"]
    assert message["content"] not in message["reasoning_content"]


@pytest.mark.parametrize(
    ("question", "subject"),
    [
        ("What is " + "seven " * 20 + "?", "seven " * 9 + "seven…"),
        ("x" * 80, "x" * 60 + "…"),
        ("y" * 60, "y" * 60),
    ],
)
def test_a_long_subject_ends_after_a_word(minimax, question, subject):
    message = minimax.message([{"role": "user", "content": question}], reasoning_split=True)
    assert f'"{subject}"' in message["reasoning_content"]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Hello!", 'You asked about "Hello!"'),
        ("What is 1+1?", "1 + 1 equals 2."),
        ("987654321 * 123456789?", "987654321 * 123456789 equals 121932631112635269."),
        ("Hi! My name is Peter and I'm 31. What is 12 - 13?", "12 - 13 equals -1."),
        ("Which river is the longest in Wales?", 'You asked about "Which river is the longest in'),
    ],
)
def test_without_documents_a_sum_or_the_subject_is_the_answer(any_provider, question, expected):
    assert any_provider.text(question).startswith(expected)


@pytest.mark.parametrize(
    "question", ["What happens on 2026-12-24?", "What is 1/0?", "1" + "+1" * 999]
)
def test_what_cannot_be_calculated_is_no_sum(minimax, question):
    assert "equals" not in minimax.text(question)


def _turns(*texts: str) -> list[dict[str, str]]:
    roles = ("user", "assistant")
    return [{"role": roles[n % 2], "content": text} for n, text in enumerate(texts)]


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is my favourite colour?", "You said earlier: My favourite colour is dark blue."),
        ("When does the ferry leave?", "You said earlier: The ferry leaves at noon."),
    ],
)
def test_earlier_turns_are_remembered(any_provider, question, expected):
    colour = "My favourite colour is dark blue."
    history = _turns("What is 1+1?", "2", colour, "Fine.", "The ferry leaves at noon.", "Ok.")
    history.append({"role": "user", "content": question})
    assert any_provider.text(history) == expected


SCHEMA = {
    "properties": {
        "name": {"type": "string"},
        "age": {"type": "integer"},
        "languages": {"type": "array", "items": {"type": "string"}},
        "mood": {"enum": ["positive", "negative"]},
        "active": {"type": "boolean", "default": True},
        "address": {"$ref": "#/$defs/Address"},
    },
    "required": ["name", "age", "languages", "mood", "active", "address"],
    "$defs": {
        "Address": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        }
    },
}
PERSON = "The person Ada is 36, works with Python, and is positive about it."


def test_schema_in_a_message_is_filled(minimax):
    prompt = (
        f"{PERSON}\n\nHere's a JSON schema to follow:\n{json.dumps(SCHEMA)}\n\n"
        "Output a valid JSON object but do not repeat the schema.\n"
    )
    value = json.loads(minimax.text(prompt))
    assert (value["name"], value["age"], value["active"]) == ("Ada", 36, True)
    assert (value["languages"], value["mood"]) == (["Python"], "positive")
    assert list(value["address"]) == ["city"]


def test_example_schema_of_langchain_is_not_the_one(minimax):
    prompt = (
        'As an example, for the schema {"properties": {"foo": {"type": "array"}}, "required": '
        '["foo"]} the object {"foo": ["bar"]} is well-formatted.\n\nHere is the output schema '
        f"(JSON):\n```\n{json.dumps(SCHEMA)}\n```\n{PERSON}"
    )
    assert set(json.loads(minimax.text(prompt))) == set(SCHEMA["required"])


def test_schema_is_filled_from_the_context(mara):
    form = {"type": "json_schema", "json_schema": {"name": "fact", "schema": _fact_schema()}}
    messages = CONVERSATIONS["tags"]("Which boats need a permit?")
    value = json.loads(mara.text(messages, response_format=form))
    assert value == {"answer": "Boats longer than 20 metres need a permit."}


def _fact_schema():
    return {"type": "object", "properties": {"answer": {"type": "string"}}, "required": ["answer"]}


def test_a_short_context_in_a_system_message_is_used_when_the_instruction_names_it(minimax):
    fact = "The roof opens above 28 degrees."
    system = {"role": "system", "content": f"Answer from this context only.\n\n{fact}"}
    question = {"role": "user", "content": "When does the roof open?"}
    assert "28 degrees" in minimax.text([system, question])
