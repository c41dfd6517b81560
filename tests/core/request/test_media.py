"""Images and video: for the models that take them, in the provider's form."""

from __future__ import annotations

import pytest

from mara_minimax.errors import UnsupportedInputError
from mara_minimax.providers.endpoints import MARA, MINIMAX
from mara_minimax.providers.models import find_profile
from mara_minimax.request.media import check_media

DATA_IMAGE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
WEB_IMAGE = {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}
VIDEO = {"type": "video_url", "video_url": {"url": "https://example.com/a.mp4"}}
TEXT = {"type": "text", "text": "what is this?"}


def check(part, provider=MINIMAX, model="MiniMax-M3"):
    message = {"role": "user", "content": [TEXT, part]}
    check_media([message], provider, find_profile(provider.name, model), model)


@pytest.mark.parametrize("part", [DATA_IMAGE, WEB_IMAGE, VIDEO])
def test_minimax_m3_takes_images_and_video(part):
    check(part)


@pytest.mark.parametrize("part", [DATA_IMAGE, VIDEO, {"type": "input_audio"}, {"type": "odd"}])
def test_a_text_model_refuses_other_parts_and_names_itself(part):
    with pytest.raises(UnsupportedInputError, match="'MiniMax-M2' takes text, not"):
        check(part, model="MiniMax-M2")


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
