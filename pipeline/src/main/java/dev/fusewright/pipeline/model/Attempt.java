/*
 * Copyright the Fusewright authors.
 *
 * Licensed under the Apache License, Version 2.0 (the "License"); you may not use this file except
 * in compliance with the License. You may obtain a copy of the License at
 *
 *     http://www.apache.org/licenses/LICENSE-2.0
 *
 * Unless required by applicable law or agreed to in writing, software distributed under the License
 * is distributed on an "AS IS" BASIS, WITHOUT WARRANTIES OR CONDITIONS OF ANY KIND, either express
 * or implied. See the License for the specific language governing permissions and limitations under
 * the License.
 */
package dev.fusewright.pipeline.model;

import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.report.Outcome;

/**
 * One attempt at a request, whatever is tried: how it may end, and what its report says then.
 *
 * @param clock at the stage that is being tried
 */
record Attempt(FuseRequest request, StageClock clock, ReportBuilder report) {
  /** What is tried. */
  interface Work {
    Outcome run() throws Exception;
  }

  /**
   * Errors of the machine, above all a lack of memory, are not a model's: they end the process. Nor
   * is it an outcome that the task was cancelled, which is what an interrupted thread means: half
   * of what it did since then failed of nothing else.
   */
  JobResult at(Work work) {
    try {
      return report.attempted(work.run(), clock.milliseconds());
    } catch (RejectedException e) {
      return unsuccessful(Outcome.REJECTED, e);
    } catch (ModuleListException e) {
      report.refused(e.refusals());
      return unsuccessful(Outcome.FAILED, e);
    } catch (Exception | StackOverflowError e) {
      return unsuccessful(Outcome.FAILED, e);
    }
  }

  private JobResult unsuccessful(Outcome outcome, Throwable reason) {
    if (Thread.currentThread().isInterrupted()) {
      throw new CancelledException(request.id(), reason);
    }
    report.failed(clock.current(), reason);
    return report.attempted(outcome, clock.milliseconds());
  }
}
