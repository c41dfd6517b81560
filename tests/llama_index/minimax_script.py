"""MiniMax's wire, for the conformance suite: what a provider that is not quite OpenAI needs."""

from __future__ import annotations

from dataclasses import dataclass

from llama_index_mara_minimax.conformance import Script

DETAIL = {
    "type": "reasoning.text",
    "id": "reasoning-text-1",
    "format": "MiniMax-response-v1",
    "index": 0,
}


@dataclass(frozen=True)
class MiniMaxScript(Script):
    """MiniMax's wire: failures in `base_resp`, thoughts in two fields or as `<think>`."""

    def fields(self, thought):
        if not thought or self.reasoning == "inline":
            return {}
        details = [{**DETAIL, "text": thought}]
        return {"reasoning_content": thought, "reasoning_details": details}

    def echoed_thought(self, message):
        if self.reasoning == "inline":
            return super().echoed_thought(message)
        return "".join(detail["text"] for detail in message.get("reasoning_details") or [])

    def refusal(self, message):
        return {
            "id": "x",
            "choices": None,
            "base_resp": {"status_code": 1000, "status_msg": message},
        }
