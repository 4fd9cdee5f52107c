"""A DAG and its tasks are run at once, when they are called. What the DAG was told is printed."""

KNOWN = {"dag_id", "schedule", "start_date", "catchup", "max_active_runs", "default_args", "tags"}


def dag(**settings):
    assert set(settings) <= KNOWN, settings
    print("dag", settings["dag_id"], settings["schedule"], settings["catchup"], settings["max_active_runs"])
    return lambda function: function


def task(**settings):
    assert set(settings) == {"execution_timeout"}, settings
    return lambda function: function
