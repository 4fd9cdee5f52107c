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
package dev.fusewright.pipeline.run;

import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import dev.fusewright.pipeline.report.RunTotals;
import java.io.Serializable;

/**
 * The entries of a run that were settled when it began, and those that are left for its workers.
 *
 * @param left what needs work, or at least a look at each entry
 * @param totals what the reports of the settled ones come to
 */
public record UpToDateEntries(PreparedCatalogue left, RunTotals totals) implements Serializable {
  /** None are settled. */
  public static UpToDateEntries none(PreparedCatalogue catalogue) {
    return new UpToDateEntries(catalogue, new RunTotals());
  }
}
