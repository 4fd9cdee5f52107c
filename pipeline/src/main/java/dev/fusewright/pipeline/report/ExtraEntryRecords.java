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
package dev.fusewright.pipeline.report;

import dev.fusewright.io.format.ExtraEntry;
import dev.fusewright.report.BesideRecord;
import java.util.List;
import java.util.Locale;

/** What a file holds beside its state dicts, as a report has it. */
public final class ExtraEntryRecords {
  private ExtraEntryRecords() {}

  /** Extra entries, in the order of the file. */
  public static List<BesideRecord> of(List<ExtraEntry> entries) {
    return entries.stream()
        .map(
            entry ->
                BesideRecord.newBuilder()
                    .setPath(entry.path().toString())
                    .setDescription(entry.description())
                    .setFate(entry.disposition().name().toLowerCase(Locale.ROOT))
                    .build())
        .toList();
  }
}
