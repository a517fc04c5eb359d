"""The handler that everybody writes first."""

from typing import Annotated

import pytesseract
from fastapi import FastAPI, File, UploadFile
from PIL import Image

app = FastAPI()


@app.post("/ocr")
def read_upload(file: Annotated[UploadFile, File()]) -> dict[str, str]:
    return {"text": pytesseract.image_to_string(Image.open(file.file))}
