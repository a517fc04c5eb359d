"""The built-in reading, with the real engines, inside the sandbox."""

import io
from collections.abc import Callable, Iterator
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageDraw, ImageFont

from shared.errors import Code, OcrError
from shared.schemas import Options
from shared.settings import Limits, Settings
from tests.faults.bombs import make_path_bomb
from tests.slot import needs_landlock, needs_linux
from worker import process
from worker.reader.reader import Reader, Watch

_WATCH = Watch(seconds=60)


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Reader]:
    reader = Reader(Settings(data_dir=tmp_path_factory.mktemp("data")))
    reader.start()
    yield reader
    reader.close()


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    image = Image.new("L", (520, 80), 255)
    ImageDraw.Draw(image).text((20, 20), "A page in the sandbox", font=ImageFont.load_default(36), fill=0)
    image.save(tmp_path / "upload.tif", save_all=True, append_images=[image, image])
    return tmp_path / "upload.tif"


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    """Pages that take a while."""
    image = Image.effect_noise((400, 400), 90)
    image.save(tmp_path / "upload.tif", save_all=True, append_images=[image, image])
    return tmp_path / "upload.tif"


def test_warm_reader_has_written_nothing(tmp_path: Path) -> None:
    """No library keeps an identity or reports of what it is used for."""
    # Given
    reader = Reader(Settings(data_dir=tmp_path))
    # When
    reader.protections  # noqa: B018 - it waits until the reader is warm
    # Then
    written = [path for path in tmp_path.glob("scratch/*/out/**/*") if not path.is_dir()]
    reader.close()
    assert written == []


def test_pages_are_planned(reader: Reader, picture: Path) -> None:
    # Given
    options = Options(pages="2-9")
    # When
    beginning, _ = reader.begin(picture, options, _WATCH)
    # Then
    assert (beginning["numbers"], beginning["pixels"], beginning["pages"]) == ([2, 3], 520 * 80, [])


def test_only_page_is_read_at_once(reader: Reader, picture: Path) -> None:
    # Given
    options = Options(pages="2")
    # When
    beginning, _ = reader.begin(picture, options, _WATCH)
    # Then
    assert (beginning["numbers"], beginning["pages"][0]["text"]) == ([2], "A page in the sandbox")


@needs_linux
def test_first_page_that_ends_the_reader_is_no_end_of_the_document(tmp_path: Path) -> None:
    # Given a page that takes more memory than there is, before one that takes none
    pdf = pikepdf.open(io.BytesIO(make_path_bomb()))
    pdf.add_blank_page()
    pdf.save(tmp_path / "upload.pdf")
    limits = Limits(reader_memory_bytes=900 << 20)
    reader = Reader(Settings(data_dir=tmp_path / "data", limits=limits))
    # When
    beginning, _ = reader.begin(tmp_path / "upload.pdf", Options(), _WATCH)
    ((page,),) = reader.read_pages(tmp_path / "upload.pdf", [2], Options(), _WATCH)
    # Then
    assert (beginning["numbers"], beginning["pages"]) == ([1, 2], [])
    assert page["status"] == "succeeded"
    reader.close()


@pytest.mark.parametrize("engine", ["tesserocr", "pytesseract"])
def test_page_is_read(reader: Reader, picture: Path, engine: str) -> None:
    # Given
    options = Options.model_validate({"engine": engine})
    # When
    ((page,),) = reader.read_pages(picture, [2], options, _WATCH)
    # Then
    assert (page["number"], page["text"], page["error"]) == (2, "A page in the sandbox", None)


def test_only_page_is_made_a_searchable_pdf_at_once(reader: Reader, picture: Path, tmp_path: Path) -> None:
    # Given
    options, target = Options(pages="2"), tmp_path / "searchable.pdf"
    # When
    _, warnings = reader.begin(picture, options, _WATCH, target)
    # Then
    assert (warnings, target.read_bytes()[:5]) == ([], b"%PDF-")


def test_an_upload_with_several_answers_counts_once_towards_a_new_reader(picture: Path, tmp_path: Path) -> None:
    # Given
    reader = Reader(Settings(data_dir=tmp_path / "data"), most_uploads=2)
    options, target = Options(pages="1"), tmp_path / "searchable.pdf"
    # When
    reader.begin(picture, options, _WATCH, target)
    # Then the same child reads on
    reader.begin(picture, options, Watch(seconds=60, poll=_refuse_to_wait()), target)
    reader.close()


def test_pages_are_read_one_by_one_and_no_more_than_are_asked_for(reader: Reader, noise: Path) -> None:
    # Given
    reader.begin(noise, Options(pages="1"), _WATCH)
    pages = reader.read_pages(noise, [3, 1, 2], Options(), _WATCH)
    # When
    numbers = [page["number"] for group in (next(pages), next(pages)) for page in group]
    pages.close()
    # Then the same child reads on: a new one would take longer than this to start
    beginning, _ = reader.begin(noise, Options(), Watch(seconds=60, poll=_refuse_to_wait()))
    assert (numbers, beginning["numbers"]) == ([3, 1], [1, 2, 3])


def test_small_pages_come_together(reader: Reader, picture: Path) -> None:
    # Given
    reader.begin(picture, Options(pages="1"), _WATCH)
    # When
    groups = list(reader.read_pages(picture, [3, 1, 2], Options(), _WATCH))
    # Then
    assert [page["number"] for group in groups for page in group] == [3, 1, 2]
    assert len(groups) < 3


def _refuse_to_wait() -> Callable[[], None]:
    polls = iter(range(2))

    def poll() -> None:
        assert next(polls, None) is not None, "the child is not warm"

    return poll


def test_each_request_is_watched(reader: Reader, picture: Path) -> None:
    # Given
    polls: list[None] = []
    watch = Watch(seconds=60, poll=lambda: polls.append(None))
    # When
    groups = list(reader.read_pages(picture, [1, 2, 3] * 10, Options(), watch))
    # Then
    assert len(polls) >= len(groups) - 1 > 0


def test_searchable_pdf_is_made(reader: Reader, picture: Path, tmp_path: Path) -> None:
    # Given
    ((page,),) = reader.read_pages(picture, [1], Options(), _WATCH)
    result = process.assemble([page], Options())
    target = tmp_path / "searchable.pdf"
    # When
    reader.write_pdf(picture, result, target, _WATCH)
    # Then
    assert target.read_bytes().startswith(b"%PDF-")


def test_searchable_pdf_that_takes_too_long_is_a_warning(reader: Reader, picture: Path, tmp_path: Path) -> None:
    # Given
    ((page,),) = reader.read_pages(picture, [1], Options(), _WATCH)
    result = process.assemble([page] * 1000, Options())  # half a second's work: never done before it is looked at
    # When
    warnings = reader.write_pdf(picture, result, tmp_path / "searchable.pdf", Watch(seconds=0.0))
    # Then
    assert warnings == ["No searchable PDF could be made: It took longer than 0 seconds."]


def test_error_of_the_reading_comes_out_as_it_is(reader: Reader, tmp_path: Path) -> None:
    # Given
    upload = tmp_path / "upload.png"
    upload.write_bytes(b"no picture")
    # When
    with pytest.raises(OcrError) as caught:
        reader.begin(upload, Options(), _WATCH)
    # Then
    assert caught.value.code == Code.UNSUPPORTED_MEDIA_TYPE


@needs_landlock
def test_list_of_paths_posing_as_a_picture_reads_nobody_elses(reader: Reader, picture: Path, tmp_path: Path) -> None:
    # Given
    upload = tmp_path / "upload.png"
    upload.write_text(f"{picture}\n")
    # When
    with pytest.raises(OcrError) as caught:
        list(reader.read_pages(upload, [1], Options(engine="pytesseract"), _WATCH))
    # Then
    assert caught.value.code == Code.UNSUPPORTED_MEDIA_TYPE


def test_page_time_out_leaves_the_small_ones_before_it(reader: Reader, tmp_path: Path) -> None:
    # Given
    noise = Image.effect_noise((4000, 4000), 90)
    Image.new("L", (50, 50), 255).save(tmp_path / "upload.tif", save_all=True, append_images=[noise])
    reader.begin(tmp_path / "upload.tif", Options(), _WATCH)
    groups = reader.read_pages(tmp_path / "upload.tif", [1, 2], Options(), Watch(seconds=0.3))
    # When
    (first,) = next(groups)
    # Then
    assert first["number"] == 1
    with pytest.raises(OcrError, match="longer than"):
        next(groups)


def test_page_time_out_is_one_of_the_page(reader: Reader, tmp_path: Path) -> None:
    # Given
    noise = Image.effect_noise((4000, 4000), 90)
    noise.save(tmp_path / "upload.bmp")
    # When
    with pytest.raises(OcrError) as caught:
        list(reader.read_pages(tmp_path / "upload.bmp", [1], Options(), Watch(seconds=0.3)))
    # Then
    assert caught.value.code == Code.PAGE_TIMEOUT
