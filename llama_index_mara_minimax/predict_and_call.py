"""`predict_and_call` with tools that can be called under the names that were sent.

The methods stand in a class of their own, because LlamaIndex makes a span of every override in its
own classes, beside the span of its own method:
`tests/llama_index/test_observability.py::test_predict_and_call_is_one_span`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from llama_index.core.tools.types import BaseTool

from llama_index_mara_minimax.tools import callable_tools

if TYPE_CHECKING:
    from llama_index.core.chat_engine.types import AgentChatResponse
    from llama_index.core.llms.function_calling import FunctionCallingLLM as _Base
else:
    _Base = object


class CallableTools(_Base):
    """Hands `callable_tools` to the framework's methods; stands before its class."""

    def predict_and_call(
        self, tools: Sequence[BaseTool], *args: Any, **kwargs: Any
    ) -> AgentChatResponse:
        """Let the model call `tools`, run what it called and return the outputs.

        Raises:
            ValueError: There is no call, or more than one where one is allowed.
            MaraMiniMaxError: The request or its answer failed; subclasses say how.
        """
        return super().predict_and_call(callable_tools(tools), *args, **kwargs)

    async def apredict_and_call(
        self, tools: Sequence[BaseTool], *args: Any, **kwargs: Any
    ) -> AgentChatResponse:
        """Do what `predict_and_call` does, without blocking."""
        return await super().apredict_and_call(callable_tools(tools), *args, **kwargs)
