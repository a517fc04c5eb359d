"""The Celery worker and the pipeline that turns a picture into text."""
