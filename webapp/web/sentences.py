"""What services say when they refuse, listed so that translators find it: forms show it in the reader's language."""


def N_(sentence: str) -> str:  # noqa: N802 - the name by which translation tools know it
    return sentence


REFUSALS = (
    N_("Must be in the future"),
    N_("Must not be in the future"),
    N_("Must be within the last 7 days"),
    N_("Must be after the start of the shift"),
    N_("This gate has too many keys"),
    N_("This shift has already been closed"),
    N_("This shift has already been signed off"),
    N_("Someone else has to sign this shift off"),
    N_("This price has already begun"),
)
