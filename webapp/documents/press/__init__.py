"""The press: plain data in, PDF out, by functions that know nothing of tasks or requests.

`print_evidence` is for sheets as long as they come, `print_html` for short documents from a template. Import it before
a worker forks: parsing fonts and loading xhtml2pdf costs more than most documents.
"""

from webapp.documents.press.evidence import print_evidence
from webapp.documents.press.html import Unprintable, print_html
from webapp.documents.press.sheet import Printed, Sheet
from webapp.documents.press.templates import fill

__all__ = ["Printed", "Sheet", "Unprintable", "fill", "print_evidence", "print_html"]
