"""Images and video: for the models that take them, in the provider's form."""

from __future__ import annotations

import pytest

from mara_minimax.errors import UnsupportedInputError
from mara_minimax.providers.endpoints import MARA, MINIMAX
from mara_minimax.providers.models import find_profile
from mara_minimax.providers.profile_keys import merge_profile
from mara_minimax.request.encode import encode_request
from mara_minimax.request.media import check_media

DATA_IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
WEB_IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
VIDEO = {"type": "video_url", "video_url": {"url": "https://example.com/a.mp4"}}
TEXT = {"type": "text", "text": "what is this?"}


def check(part, provider=MINIMAX, model="MiniMax-M3", **given):
    message = {"role": "user", "content": [TEXT, part]}
    profile = merge_profile(find_profile(provider.name, model), given)
    check_media([message], provider, profile, model)


@pytest.mark.parametrize("part", [DATA_IMAGE, WEB_IMAGE, VIDEO])
def test_minimax_m3_takes_images_and_video(part):
    check(part)


AUDIO = {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}}


@pytest.mark.parametrize("part", [DATA_IMAGE, VIDEO, AUDIO])
def test_what_a_document_refuses_is_refused_with_the_model_and_the_source(part):
    with pytest.raises(UnsupportedInputError, match="'MiniMax-M2' does not take .*source: https"):
        check(part, model="MiniMax-M2")


@pytest.mark.parametrize("part", [{"type": "file"}, {"type": "odd"}])
def test_what_no_document_tells_of_is_sent(part):
    check(part, model="MiniMax-M2")


@pytest.mark.parametrize("model", ["gemma-4-31B-it", "MiniMax-M3", "MiniMax-M2.5"])
def test_images_are_sent_to_models_of_mara_whose_inputs_are_not_published(model):
    check(DATA_IMAGE, MARA, model)


def test_an_explicit_profile_wins_over_the_table():
    check(DATA_IMAGE, model="MiniMax-M2", image_inputs=True)
    check(WEB_IMAGE, MARA, "MiniMax-M3", image_url_inputs=True)
    with pytest.raises(UnsupportedInputError, match="does not take image"):
        check(DATA_IMAGE, model="MiniMax-M3", image_inputs=False)
    with pytest.raises(UnsupportedInputError, match="does not take video"):
        check(VIDEO, model="brand-new", video_inputs=False)


@pytest.mark.parametrize("policy", ["adjust", "raise"])
def test_a_refused_part_makes_no_request(policy):
    message = {"role": "user", "content": [TEXT, DATA_IMAGE]}
    with pytest.raises(UnsupportedInputError):
        encode_request([message], {"model": "MiniMax-M2"}, provider=MINIMAX, policy=policy)


@pytest.mark.parametrize("part", [DATA_IMAGE, WEB_IMAGE])
@pytest.mark.parametrize(("provider", "model"), [(MINIMAX, "MiniMax-M2"), (MARA, "MiniMax-M3")])
def test_the_policy_pass_sends_every_part(provider, model, part):
    message = {"role": "user", "content": [TEXT, part]}
    request = encode_request([message], {"model": model}, provider=provider, policy="pass")
    assert request.body["messages"] == [message]


def test_a_model_that_is_not_in_the_table_is_not_held_back():
    check(WEB_IMAGE, model="MiniMax-M2-vision-preview")


def test_mara_takes_images_as_base64_data_only():
    check(DATA_IMAGE, MARA, "brand-new-vision")
    with pytest.raises(UnsupportedInputError, match="base64 data only"):
        check(WEB_IMAGE, MARA, "brand-new-vision")
    with pytest.raises(UnsupportedInputError, match="base64"):
        check({"type": "image_url", "image_url": "https://example.com/a.png"}, MARA, "new")


def test_text_parts_are_for_every_model():
    check(TEXT, model="MiniMax-M2")
