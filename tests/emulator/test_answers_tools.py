"""Answer rules about tools: when one fits, with which arguments, and what follows its result."""

from __future__ import annotations

import json

import pytest

INTEGER = {"type": "integer"}
NUMBER = {"type": "number"}
STRING = {"type": "string"}


@pytest.fixture
def arithmetic(function):
    return [
        function("multiply", "Multiply two numbers", a=INTEGER, b=INTEGER),
        function("add", "Add two numbers", a=INTEGER, b=INTEGER),
    ]


@pytest.fixture
def search(function):
    return function("search_documents", "Search the documentation", query=STRING)


def loop(asker, question, tools, run, **fields):
    """Run the tool loop to its end; the calls made and the final text."""
    messages = [{"role": "user", "content": question}]
    made = []
    for _ in range(6):
        message = asker.message(messages, tools=tools, **fields)
        if not message.get("tool_calls"):
            return made, message["content"]
        messages.append(message)
        for call in message["tool_calls"]:
            function = call["function"]
            made.append((function["name"], json.loads(function["arguments"])))
            content = run(function["name"], json.loads(function["arguments"]))
            messages.append({"role": "tool", "tool_call_id": call["id"], "content": content})
    raise AssertionError("The loop does not end.")


@pytest.mark.parametrize("provider", ["minimax", "mara"])
@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What's the weather in San Francisco?", {"city": "San Francisco"}),
        ("Weather in Oslo, please", {"city": "Oslo"}),
    ],
)
def test_fitting_tool_is_called(request, provider, question, expected, weather, clock):
    asker = request.getfixturevalue(provider)
    assert asker.calls(question, [weather, clock]) == [("get_weather", expected)]


@pytest.mark.parametrize("question", ["Hi, how are you?", "What is the capital of France?"])
def test_tools_that_do_not_fit_are_left_alone(minimax, question, weather, clock):
    assert minimax.calls(question, [weather, clock]) == []


@pytest.mark.parametrize("provider", ["minimax", "mara"])
def test_tool_choice_none_forbids_calls(request, provider, weather):
    asker = request.getfixturevalue(provider)
    assert asker.calls("Weather in Paris?", [weather], tool_choice="none") == []


def test_two_tools_are_called_in_parallel(minimax, weather, clock):
    calls = minimax.calls("What is the weather in Paris and the time in Tokyo?", [weather, clock])
    assert calls == [("get_weather", {"city": "Paris"}), ("get_time", {"timezone": "Tokyo"})]


@pytest.mark.parametrize("provider", ["minimax", "mara"])
def test_search_and_sum_in_one_question(request, provider, search, function):
    asker = request.getfixturevalue(provider)
    calculator = function("calculate", "Evaluate an expression", expression=STRING)
    made, text = loop(
        asker,
        "What does the documentation say about retries, and what is 17 * 23?",
        [search, calculator],
        lambda name, _: "391" if name == "calculate" else "Requests are retried twice.",
    )
    assert [name for name, _ in made] == ["search_documents", "calculate"]
    assert made[1] == ("calculate", {"expression": "17 * 23"})
    assert "Requests are retried twice." in text
    assert "391" in text


@pytest.mark.parametrize("provider", ["minimax", "mara"])
def test_loop_over_two_tools_ends_with_both_results(request, provider, weather, clock):
    asker = request.getfixturevalue(provider)
    results = {"get_weather": "18 degrees and sunny", "get_time": "09:30"}
    made, text = loop(
        asker,
        "What is the weather in Paris and the time in Tokyo?",
        [weather, clock],
        lambda name, _: results[name],
    )
    assert [name for name, _ in made] == ["get_weather", "get_time"]
    assert "18 degrees and sunny" in text
    assert "09:30" in text


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("Multiply 3 and 4.", ("multiply", {"a": 3, "b": 4})),
        ("Add 5 and 6", ("add", {"a": 5, "b": 6})),
    ],
)
def test_words_of_the_name_decide_which_tool_is_called(minimax, arithmetic, question, expected):
    assert minimax.calls(question, arithmetic) == [expected]


def test_calculator_gets_the_expression(minimax, function):
    calculator = function("calculator", "Evaluates an expression", expression=STRING)
    calls = minimax.calls("What is 12 * 34?", [calculator])
    assert calls == [("calculator", {"expression": "12 * 34"})]


def test_long_results_are_answered_by_their_best_sentence(minimax, search):
    filler = "The harbour has nine berths for visitors and a crane. " * 10
    document = f"{filler}Failed requests are retried twice with a growing pause. {filler}"
    made, text = loop(
        minimax,
        "Search how failed requests are retried.",
        [search],
        lambda *_: document,
        reasoning_split=True,
    )
    assert len(made) == 1
    assert text == "Failed requests are retried twice with a growing pause."


def test_short_results_are_quoted(mara, weather):
    _, text = loop(mara, "Weather in Paris?", [weather], lambda *_: '{"degrees": 18}')
    assert '{"degrees": 18}' in text


@pytest.fixture
def person(function):
    return function("Person", "Facts about someone", name=STRING, age=INTEGER)


def test_demanded_tool_gets_its_arguments_from_the_text(mara, person):
    calls = mara.calls("Peter is 31 years old.", [person], tool_choice="required")
    assert calls == [("Person", {"name": "Peter", "age": 31})]


def test_demanded_tool_gets_arguments_of_the_right_type_from_nothing(mara, function):
    everything = function(
        "everything",
        "Takes everything",
        text=STRING,
        count={"type": "integer", "minimum": 3},
        ratio=NUMBER,
        flag={"type": "boolean"},
        items={"type": "array", "items": STRING},
        nested={"type": "object", "properties": {"x": INTEGER}, "required": ["x"]},
        choice={"enum": ["a", "b"]},
        maybe={"anyOf": [{"type": "null"}, STRING]},
    )
    ((_, values),) = mara.calls("Hi", [everything], tool_choice="required")
    assert values["count"] == 3
    assert isinstance(values["text"], str)
    assert isinstance(values["ratio"], int | float)
    assert values["flag"] is False
    assert isinstance(values["items"], list)
    assert isinstance(values["nested"]["x"], int)
    assert values["choice"] == "a"
    assert isinstance(values["maybe"], str)


def test_named_tool_is_called_at_mara(mara, weather, clock):
    choice = {"type": "function", "function": {"name": "get_time"}}
    ((name, _),) = mara.calls("Weather in Paris?", [weather, clock], tool_choice=choice)
    assert name == "get_time"


ARGUMENTS = [
    (
        "Book a flight from Berlin to New York for 2 people",
        {"origin": STRING, "destination": STRING, "passengers": INTEGER},
        {"origin": "Berlin", "destination": "New York", "passengers": 2},
    ),
    ("Set the limits to 2.5", {"limits": {"type": "array", "items": NUMBER}}, {"limits": [2.5]}),
    (f"Take the number {'9' * 5000}", {"value": INTEGER}, {"value": 1}),
    ("Take the temperature 1.5", {"value": NUMBER}, {"value": 1.5}),
]


@pytest.mark.parametrize(("question", "properties", "expected"), ARGUMENTS)
def test_arguments_come_from_the_question(mara, function, question, properties, expected):
    tool = function("act", "Acts", **properties)
    ((_, values),) = mara.calls(question, [tool], tool_choice="required")
    assert values == expected


def test_a_call_demanded_in_words_is_made_once_for_each_function(minimax):
    demand = "Answer by calling the function `get_weather` or `report`, and write no other text."
    parameters = {"type": "object", "properties": {"city": {"type": "string"}}}
    tools = [
        {"type": "function", "function": {"name": name, "parameters": parameters}}
        for name in ("get_weather", "report")
    ]
    messages = [
        {"role": "system", "content": demand},
        {"role": "user", "content": "What is the weather in Paris?"},
    ]
    called = []
    for _ in range(2):
        message = minimax.message(messages, tools=tools)
        (call,) = message["tool_calls"]
        called.append(call["function"]["name"])
        messages += [message, {"role": "tool", "tool_call_id": call["id"], "content": "sunny"}]
    assert called == ["get_weather", "report"]
    assert "tool_calls" not in minimax.message(messages, tools=tools)
