"""A nightly run from Airflow, on a Flink that is already there.

The workers need a Fusewright installation on PATH (see "An existing Flink" in src/docs/operations/elsewhere.md), and the
stores' credentials in their environment or from their instance: never in the command line, which Airflow shows.
"""

from __future__ import annotations

import datetime
import subprocess

from airflow.decorators import dag, task
from airflow.exceptions import AirflowException, AirflowFailException

COMMAND = [
    "fusewright",
    "run",
    "--catalogue=s3a://zoo/catalogue.jsonl",
    "--output=s3a://zoo-fused/",
    "--flinkMaster=flink-rest.flink.svc:8081",
    "--parallelism=4",
    "--quiet",
]


@dag(
    dag_id="fusewright",
    schedule="0 2 * * *",
    start_date=datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc),
    catchup=False,
    # One run into one output at a time.
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": datetime.timedelta(minutes=10)},
    tags=["models"],
)
def fusewright():
    @task(execution_timeout=datetime.timedelta(hours=10))
    def run() -> None:
        """Runs to the end. What no second try can mend is not tried again."""
        code = subprocess.run(COMMAND, check=False).returncode
        if code in (1, 2):
            raise AirflowFailException(f"exit code {code}: see the run's summary.md and the log above")
        if code != 0:
            raise AirflowException(f"exit code {code}: nothing could be done; the next try goes on where this one stopped")

    run()


fusewright()
