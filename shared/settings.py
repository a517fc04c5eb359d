"""Every setting of the service, read from the environment.

A process's composition root reads them once and hands them on; `process_image` and the search for models, which may be
called without one, read their own.
"""

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AliasChoices, Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

MEBIBYTE = 1 << 20
Anonymous = Literal["loopback", "until_key", "always", "never"]
BUILT_IN_PROCESSOR = "worker.process:process_image"


class Limits(BaseSettings):
    """Caps on what one upload may cost; set as `OCR_MAX_...` and `OCR_..._SECONDS`."""

    model_config = SettingsConfigDict(env_prefix="OCR_", env_ignore_empty=True, frozen=True, extra="ignore")

    max_upload_bytes: int = 100 * MEBIBYTE
    max_pixels: int = 200_000_000
    """Pixels of one page, as uploaded or as rendered."""
    max_side_pixels: int = 32_767
    max_pages: int = 2_000
    max_text_bytes: int = 64 * MEBIBYTE
    """Bytes of one task's result JSON."""
    max_queue: int = 1_000
    """Open tasks at which a submit is answered 429."""
    max_queue_per_key: int = 500
    """Open tasks of one API key at which its submit is answered 429."""
    upload_seconds: float = 900
    """Wall clock for one upload to come in; what the largest one takes at a megabit a second."""
    max_uploads_per_key: int = 16
    """Uploads that one API key may be sending at a time to one API process; above, its submit is answered 429."""
    page_seconds: float = 120
    """Wall clock for one page."""
    processor_seconds: float = 300
    """Wall clock for one run of a user's own `process_image`."""
    task_seconds: float = 4 * 3600
    """Wall clock for a whole task, from its start."""
    stall_seconds: float = 30
    """How long a reader may use no processor time while something is awaited of it; 0: as long as it likes."""
    reader_memory_bytes: int = 2_048 * MEBIBYTE
    """Address space of one reader."""


class Settings(BaseSettings):
    """Set as `OCR_<NAME>`; `REDIS_URL`, `DATA_DIR` and Tesseract's own `TESSDATA_PREFIX` go without the prefix."""

    model_config = SettingsConfigDict(env_prefix="OCR_", env_ignore_empty=True, frozen=True, extra="ignore")

    redis_url: str = Field("redis://localhost:6379/0", validation_alias=AliasChoices("REDIS_URL", "redis_url"))
    data_dir: Path = Field(Path(".data"), validation_alias=AliasChoices("DATA_DIR", "data_dir"))
    """The folder both sides share; uploads live in `tmp` below it."""
    processor: str = BUILT_IN_PROCESSOR
    """`package.module:function`; the function that is called with the path of an upload."""
    processor_read_paths: Annotated[tuple[Path, ...], NoDecode] = ()
    """Folders and files that a function of your own may read besides its code, joined by `:`; models, say."""
    processor_network: bool = False
    """Let a function of your own use the network; this machine's own ports are part of it."""
    processor_environment: Annotated[tuple[str, ...], NoDecode] = ()
    """Names of environment variables handed on to a function of your own, joined by `:`; it sees no others."""
    anonymous: Anonymous = "loopback"
    """When requests without an API key are served: on a `loopback` address while there is no key, on any address
    `until_key`, `always` or `never`."""
    hosts: Annotated[tuple[str, ...], NoDecode] = ()
    """Names, joined by `:`, under which the service may be called without a key, besides `localhost` and addresses."""
    lang: str = "eng"
    """Default of the option `lang`."""
    engine: Literal["auto", "tesseract", "tesserocr", "pytesseract", "rapidocr"] = "auto"
    """Default of the option `engine`."""
    tessdata_dir: Path | None = None
    """One folder of models to use instead of those found on the system and in the installed packages."""
    tessdata_prefix: Path | None = Field(None, validation_alias=AliasChoices("TESSDATA_PREFIX", "tessdata_prefix"))
    """One more folder of models, or the one around it, as Tesseract's own program knows it."""
    result_seconds: int = 24 * 3600
    """How long a finished task's result is kept."""
    keep_upload: bool = False
    """Keep the upload until the result expires, instead of erasing it when the task ends."""
    searchable_pdf: bool = True
    """Make the searchable PDF of every task, which only the upload can give."""
    cache: bool = True
    """Answer the same bytes and options from the result that is there."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    limits: Limits = Field(default_factory=Limits)

    @field_validator("processor_read_paths", "processor_environment", "hosts", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(filter(None, value.split(os.pathsep))) if isinstance(value, str) else value

    @property
    def has_own_processor(self) -> bool:
        return self.processor != BUILT_IN_PROCESSOR
