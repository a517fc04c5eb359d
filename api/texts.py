"""What the pages say, in each language they speak."""

from collections.abc import Mapping

from shared.errors import KINDS, Code

DEFAULT_LANGUAGE = "en"

ENGLISH = {
    "app": "Text from scans",
    "size.units": "B KiB MiB GiB",
    "size.point": ".",
    "home": "Read another document",
    "form.title": "Drop a scan, read its text",
    "form.limits": "{kinds}, up to {size}",
    "form.file": "Document",
    "form.drop": "Drop documents here, paste a picture, or choose files",
    "form.submit": "Read the text",
    "form.lang": "Language of the document",
    "form.lang_auto": "Tell by the script",
    "form.options": "More options",
    "form.pages": "Pages",
    "form.pages_hint": "all, or such as 1-3,7",
    "form.dpi": "Resolution, dots per inch",
    "form.dpi_hint": "taken from the file",
    "form.psm": "Layout of the page",
    "form.psm_auto": "Find out",
    "form.psm_4": "One column",
    "form.psm_6": "One block of text",
    "form.psm_7": "One line",
    "form.psm_8": "One word",
    "form.psm_11": "Scattered text, as on a form",
    "form.text_layer": "A PDF's own text",
    "form.text_layer_auto": "Use it where it is sound",
    "form.text_layer_force": "Recognize every page",
    "form.text_layer_only": "Use nothing else",
    "form.preprocess": "Straighten and clean the pages",
    "form.preprocess_auto": "Where it helps",
    "form.preprocess_none": "Never",
    "form.engine": "Engine",
    "form.remove": "Remove {name}",
    "form.uploading": "Uploading",
    "form.too_large": "Larger than {size}",
    "form.unsent": "The upload was interrupted. Send it again.",
    "form.open": "Open {name}",
    "status.queued": "Waiting",
    "status.position": "Waiting, number {position} in the queue",
    "status.running": "Reading",
    "status.pages": "Reading: {done} of {total} pages done",
    "status.succeeded": "Done",
    "status.partial": "Done, but some pages could not be read",
    "status.failed": "This did not work",
    "status.cancelled": "Cancelled",
    "trouble.retrying": "The service cannot be reached. Still trying…",
    "trouble.failed": "The service cannot be reached. Try again later.",
    "task.progress": "Progress",
    "task.language": "Language",
    "task.confidence": "Confidence {percent} %",
    "task.page": "Page {number}",
    "task.copy": "Copy",
    "task.copy_page": "Copy the text of page {number}",
    "task.copy_all": "Copy all text",
    "task.copied": "Copied",
    "task.cancel": "Cancel",
    "task.delete": "Delete",
    "task.delete_sure": "Delete this document and its text for good?",
    "task.downloads": "Download",
    "task.empty": "No text was found on this page.",
    "task.warnings": "Notes",
    "task.result": "Result",
    "task.expires": "Kept until {time}",
    "format.json": "JSON",
    "format.text": "Text",
    "format.pdf": "Searchable PDF",
    "format.md": "Markdown",
    "format.hocr": "hOCR",
    "format.alto": "ALTO",
    "format.tsv": "TSV",
    "error.code": "Code",
    "error.request": "Request",
}

RUSSIAN = {
    "app": "Текст со сканов",
    "size.units": "Б КиБ МиБ ГиБ",
    "size.point": ",",
    "home": "Распознать другой документ",
    "form.title": "Перетащите скан\N{NO-BREAK SPACE}— получите текст",
    "form.limits": "{kinds}, до {size}",
    "form.file": "Документ",
    "form.drop": "Перетащите документы сюда, вставьте картинку или выберите файлы",
    "form.submit": "Распознать",
    "form.lang": "Язык документа",
    "form.lang_auto": "Определить по письменности",
    "form.options": "Другие настройки",
    "form.pages": "Страницы",
    "form.pages_hint": "все или, например, 1-3,7",
    "form.dpi": "Разрешение, точек на дюйм",
    "form.dpi_hint": "указанное в файле",
    "form.psm": "Вид страницы",
    "form.psm_auto": "Определить",
    "form.psm_4": "Одна колонка",
    "form.psm_6": "Один блок текста",
    "form.psm_7": "Одна строка",
    "form.psm_8": "Одно слово",
    "form.psm_11": "Разрозненный текст, как в анкете",
    "form.text_layer": "Собственный текст PDF",
    "form.text_layer_auto": "Брать там, где он исправен",
    "form.text_layer_force": "Распознавать все страницы",
    "form.text_layer_only": "Брать только его",
    "form.preprocess": "Выравнивать и очищать страницы",
    "form.preprocess_auto": "Там, где это помогает",
    "form.preprocess_none": "Никогда",
    "form.engine": "Программа распознавания",
    "form.remove": "Убрать {name}",
    "form.uploading": "Загрузка",
    "form.too_large": "Больше {size}",
    "form.unsent": "Загрузка прервалась. Отправьте файл ещё раз.",
    "form.open": "Открыть {name}",
    "status.queued": "В очереди",
    "status.position": "В очереди, номер {position}",
    "status.running": "Распознаётся",
    "status.pages": "Распознаётся, готово страниц: {done} из {total}",
    "status.succeeded": "Готово",
    "status.partial": "Готово, но часть страниц прочитать не удалось",
    "status.failed": "Не получилось",
    "status.cancelled": "Отменено",
    "trouble.retrying": "Сервис недоступен. Пробуем снова…",
    "trouble.failed": "Сервис недоступен. Попробуйте позже.",
    "task.progress": "Ход работы",
    "task.language": "Язык",
    "task.confidence": "Уверенность {percent} %",
    "task.page": "Страница {number}",
    "task.copy": "Скопировать",
    "task.copy_page": "Скопировать текст страницы {number}",
    "task.copy_all": "Скопировать весь текст",
    "task.copied": "Скопировано",
    "task.cancel": "Отменить",
    "task.delete": "Удалить",
    "task.delete_sure": "Удалить документ и его текст навсегда?",
    "task.downloads": "Скачать",
    "task.empty": "На этой странице текст не найден.",
    "task.warnings": "Примечания",
    "task.result": "Результат",
    "task.expires": "Хранится до {time}",
    "format.json": "JSON",
    "format.text": "Текст",
    "format.pdf": "PDF с поиском",
    "format.md": "Markdown",
    "format.hocr": "hOCR",
    "format.alto": "ALTO",
    "format.tsv": "TSV",
    "error.code": "Код",
    "error.request": "Запрос",
}

RUSSIAN_TITLES = {
    Code.MALFORMED_REQUEST: "Запрос не удалось разобрать",
    Code.UNAUTHENTICATED: "Нужен ключ доступа",
    Code.FORBIDDEN: "Это не разрешено",
    Code.NOT_FOUND: "По этому адресу ничего нет",
    Code.TASK_NOT_FOUND: "Такой задачи нет",
    Code.PAGE_NOT_FOUND: "В задаче нет такой страницы",
    Code.METHOD_NOT_ALLOWED: "Этот метод здесь не допускается",
    Code.NOT_ACCEPTABLE: "Запрошенного формата нет",
    Code.REQUEST_TIMEOUT: "Файл передавался слишком долго",
    Code.TASK_NOT_FINISHED: "Задача ещё не завершена",
    Code.TASK_ALREADY_FINISHED: "Задача уже завершена",
    Code.IDEMPOTENCY_IN_FLIGHT: "Запрос с этим Idempotency-Key ещё обрабатывается",
    Code.TASK_EXPIRED: "Срок хранения результата истёк",
    Code.TASK_DELETED: "Задача удалена",
    Code.FILE_TOO_LARGE: "Файл слишком большой",
    Code.UNSUPPORTED_MEDIA_TYPE: "Файлы этого вида не поддерживаются",
    Code.INVALID_OPTION: "Недопустимая настройка",
    Code.LANGUAGE_NOT_INSTALLED: "Запрошенный язык не установлен",
    Code.EMPTY_FILE: "Файл пуст",
    Code.CORRUPT_FILE: "Файл повреждён",
    Code.ENCRYPTED_PDF: "PDF защищён паролем",
    Code.TOO_MANY_PAGES: "В документе слишком много страниц",
    Code.IMAGE_TOO_LARGE: "В изображении слишком много пикселей",
    Code.IDEMPOTENCY_MISMATCH: "Этот Idempotency-Key уже использован для другого запроса",
    Code.RATE_LIMITED: "Слишком много запросов",
    Code.QUEUE_FULL: "Очередь заполнена",
    Code.INTERNAL_ERROR: "В сервисе произошла ошибка",
    Code.BROKER_UNAVAILABLE: "Хранилище задач недоступно",
    Code.STORAGE_FULL: "Нет места для загруженного файла",
    Code.PAGE_TIMEOUT: "Страница распознавалась слишком долго",
    Code.TASK_TIMEOUT: "Задача выполнялась слишком долго",
    Code.WORKER_LOST: "Обработчик остановился во время задачи",
    Code.ATTEMPTS_EXHAUSTED: "Исчерпано число попыток",
    Code.ENGINE_ERROR: "Сбой программы распознавания",
    Code.PROCESSOR_ERROR: "Сбой заданной функции process_image",
    Code.CANCELLED: "Задача отменена",
}

TEXTS: Mapping[str, Mapping[str, str]] = {"en": ENGLISH, "ru": RUSSIAN}

TITLES: Mapping[str, Mapping[Code, str]] = {
    "en": {code: kind.title for code, kind in KINDS.items()},
    "ru": RUSSIAN_TITLES,
}
"""The title of each failure; of `Code` all members, so that a page never falls back to another language."""

KIND_NAMES = {
    "image/heif": "HEIC",
    "image/j2c": "JPEG 2000",
    "image/jp2": "JPEG 2000",
    "image/webp": "WebP",
    "image/x-portable-anymap": "PNM",
}
"""Kinds of files whose media type does not end in the name that people know."""

MODEL_NAMES = {
    "ara": "العربية",
    "bel": "Беларуская",
    "bul": "Български",
    "ces": "Čeština",
    "chi_sim": "简体中文",
    "chi_tra": "繁體中文",
    "dan": "Dansk",
    "deu": "Deutsch",
    "ell": "Ελληνικά",
    "eng": "English",
    "fin": "Suomi",
    "fra": "Français",
    "heb": "עברית",
    "hin": "हिन्दी",
    "hun": "Magyar",
    "ita": "Italiano",
    "jpn": "日本語",
    "kaz": "Қазақша",
    "kor": "한국어",
    "lat": "Latina",
    "nld": "Nederlands",
    "nor": "Norsk",
    "pol": "Polski",
    "por": "Português",
    "ron": "Română",
    "rus": "Русский",
    "spa": "Español",
    "srp": "Српски",
    "swe": "Svenska",
    "tur": "Türkçe",
    "ukr": "Українська",
}
"""Tesseract's models by what the language calls itself; a model not listed is shown by its code."""


def choose_language(accept_language: str) -> str:
    """The language among `TEXTS` that an Accept-Language header prefers (RFC 9110, 12.5.4), else English."""
    best, best_weight = DEFAULT_LANGUAGE, 0.0
    for item in accept_language.split(","):
        tag, _, parameter = item.strip().partition(";")
        language = tag.strip().lower().partition("-")[0]
        weight = _weight(parameter)
        if language in TEXTS and weight > best_weight:
            best, best_weight = language, weight
    return best


def _weight(parameter: str) -> float:
    """The `q` of one item; a malformed one counts as unwanted."""
    name, _, value = parameter.strip().partition("=")
    if not name:
        return 1.0
    try:
        return float(value) if name.strip().lower() == "q" else 1.0
    except ValueError:
        return 0.0
