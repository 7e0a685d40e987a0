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
    N_("User name or e-mail already taken"),
    N_("The last administrator must stay"),
    N_("You can't switch off your own account"),
    N_("You can't delete your own account"),
    N_("Must be 1 to 64 of a-z, 0-9, dot, dash and underscore"),
    N_("Must be an e-mail address"),
    N_("Must have at most 100 characters, none of them a control character"),
    N_("Must have at least 8 characters"),
    N_("Must have at most 72 bytes and no NUL"),
    N_("This is not your password"),
    N_("Must differ from the current one"),
    N_("This code is not right. Check the clock of your phone"),
    N_("Only a device's key is bound to a gate"),
    N_("There are too many keys"),
    N_("This key was made before keys could be shown. Rotate it to get a new one"),
    N_("This key no longer works, so nothing can take over from it"),
    N_("Was encrypted with a SECRET_KEY that is not known here"),
)
