"""The command line of the doctor."""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from mara_minimax.doctor.hosts import ENDPOINTS, PROVIDERS

if TYPE_CHECKING:
    from mara_minimax.doctor.report import Report
    from mara_minimax.settings import ChatSettings

_ABOUT = (
    "Check that an endpoint can be reached, that it takes your key, and that it behaves as this "
    "package expects. Makes at most nine small requests. The key is read from the provider's "
    "variable and never shown."
)
_EXIT_CODES = "exit code: 0 all right, 1 deviations or failures, 2 bad usage or no key"


def add_parser(commands: Any) -> None:
    """Add the command to the subparsers of `mara-minimax`."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "doctor", help="check an endpoint and a key", description=_ABOUT, epilog=_EXIT_CODES
    )
    parser.add_argument(
        "--provider", choices=list(PROVIDERS), help="default: the first one whose key is set"
    )
    parser.add_argument("--model", default="", help="default: the provider's")
    parser.add_argument(
        "--base-url", default="", help="default: the provider's variable, or its own"
    )
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.add_argument(
        "--timeout", type=_seconds, default=30.0, help="seconds for each request; default: 30"
    )
    parser.add_argument(
        "--api-key-env",
        metavar="NAME",
        type=_variable,
        help="variable that holds the key; default: the provider's",
    )
    asked = parser.add_mutually_exclusive_group()
    asked.add_argument(
        "--quota",
        action="store_true",
        help="only ask MiniMax what is left of a Token Plan (by public reports, untried)",
    )
    asked.add_argument(
        "--capture",
        metavar="FOLDER",
        type=Path,
        help="write requests and answers there, without keys, ids of accounts and addresses",
    )
    parser.add_argument(
        "--allow-http", action="store_true", help="send the key unencrypted beyond this machine"
    )
    parser.set_defaults(run=lambda options: run(options, parser.error))


def run(options: argparse.Namespace, refuse: Callable[[str], NoReturn]) -> int:
    """Diagnose and print; return the exit code. `refuse` ends the program on bad usage."""
    from mara_minimax.doctor.diagnosis import without_key
    from mara_minimax.errors import MaraMiniMaxError

    name = options.provider or _provider_with_key()
    provider = PROVIDERS[name]
    base_url = options.base_url or os.environ.get(provider.url_variable) or provider.base_url
    if not base_url:
        refuse(f"--provider {name} needs --base-url, such as http://127.0.0.1:8000/v1")
    if not base_url.startswith(("http://", "https://")):
        refuse(f"{base_url!r} has no scheme: write https:// in front of it")
    if options.quota and not provider.plan_paths:
        refuse(f"--quota asks MiniMax: {provider.title} has no Token Plan")
    if options.api_key_env:
        _check_named(options, refuse)
    variable = options.api_key_env or provider.key_variable
    if options.capture:
        _make_empty(options.capture, refuse)
    if variable and not os.environ.get(variable, "").strip():
        report = without_key(provider, options.model or provider.default_model, base_url)
    else:
        settings = _settings(name, options, base_url, refuse)
        try:
            report = _report(settings, options, name, variable)
        except MaraMiniMaxError as error:
            # No HTTP client can be made of the proxy and certificate variables.
            refuse(str(error))
    _print(report, as_json=options.json)
    return report.exit_code


def _report(
    settings: ChatSettings, options: argparse.Namespace, name: str, variable: str
) -> Report:
    from mara_minimax.doctor.diagnosis import diagnose
    from mara_minimax.doctor.quota import ask_quota

    if options.quota:
        return ask_quota(settings, timeout=options.timeout, key_variable=variable)
    report = diagnose(
        settings,
        timeout=options.timeout,
        progress=_show_progress,
        capture=options.capture and (options.capture, name),
        key_variable=variable,
    )
    _show_progress("")
    return report


def _check_named(options: argparse.Namespace, refuse: Callable[[str], NoReturn]) -> None:
    if not options.provider:
        refuse("--api-key-env needs --provider, which says whose key it is")
    if not os.environ.get(options.api_key_env, "").strip():
        # Not named: it may be a key that was given in the place of its variable.
        refuse("the variable that --api-key-env names is not set")


def _make_empty(folder: Path, refuse: Callable[[str], NoReturn]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        is_empty = next(folder.iterdir(), None) is None
    except OSError as error:
        refuse(f"{folder} cannot be made: {error.strerror}")
    if not is_empty:
        refuse(f"{folder} is not empty: give a new folder for each capture")


def _print(report: Report, *, as_json: bool) -> None:
    from mara_minimax.doctor.text import to_text

    if as_json:
        sys.stdout.write(json.dumps(report.to_dict(), indent=2, ensure_ascii=False) + "\n")
    else:
        sys.stdout.write(to_text(report))


def _show_progress(title: str) -> None:
    """Overwrite one line of a terminal with what is being tried."""
    if sys.stderr.isatty():
        sys.stderr.write(f"\r\x1b[K{title} …" if title else "\r\x1b[K")
        sys.stderr.flush()


def _settings(
    name: str, options: argparse.Namespace, base_url: str, refuse: Callable[[str], NoReturn]
) -> ChatSettings:
    from mara_minimax.errors import MaraMiniMaxError
    from mara_minimax.settings import MARASettings, MiniMaxSettings

    given: dict[str, Any] = {
        "model": options.model,
        "base_url": base_url,
        "allow_http": options.allow_http,
    }
    if options.api_key_env:
        given["api_key"] = os.environ[options.api_key_env]
    try:
        if name in ENDPOINTS:
            return MiniMaxSettings(**given, endpoint=ENDPOINTS[name])
        return MARASettings(**given)
    except MaraMiniMaxError as error:
        refuse(str(error).replace("allow_http=True", "--allow-http"))


def _provider_with_key() -> str:
    """Return the first provider whose key is set; without any, MiniMax says what to set."""
    for name, provider in PROVIDERS.items():
        if os.environ.get(provider.key_variable, "").strip():
            return name
    return "minimax"


def _variable(text: str) -> str:
    if not text.isidentifier():
        raise argparse.ArgumentTypeError("give the name of a variable, not the key")
    return text


def _seconds(text: str) -> float:
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds <= 600:
        raise argparse.ArgumentTypeError("give a number of seconds from 0 to 600")
    return seconds
