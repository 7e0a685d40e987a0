"""Draw the first page of a PDF: the file comes in at stdin, a WebP picture goes out at stdout.

A program of its own (documents/previews.py starts it), so that whatever a PDF may do to the library that reads it, and
all the memory that it takes, ends with this process.
"""

import resource
import sys

import pypdfium2  # type: ignore[import-untyped]

WIDTH = 1_000  # pixels
MEMORY = 1_500_000_000
SECONDS = 20


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    page = pypdfium2.PdfDocument(sys.stdin.buffer.read())[0]
    picture = page.render(scale=WIDTH / page.get_width()).to_pil().convert("RGB")
    picture.save(sys.stdout.buffer, "WEBP", quality=82)


if __name__ == "__main__":
    main()
