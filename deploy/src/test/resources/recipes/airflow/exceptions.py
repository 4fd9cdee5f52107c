"""The two ways to fail: with another try, and without."""


class AirflowException(Exception):
    """Tried again, as often as the task's retries say."""


class AirflowFailException(AirflowException):
    """Not tried again."""
