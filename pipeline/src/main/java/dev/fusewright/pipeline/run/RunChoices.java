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

import dev.fusewright.io.storage.Location;
import dev.fusewright.pipeline.cache.CacheLookup.Trust;
import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * What a run does with what was done before, and when it stops.
 *
 * @param trust which receipts of earlier attempts count
 * @param maxFailures after how many entries that were rejected or failed no more are begun; null to
 *     go on whatever comes
 * @param receipts folder of reports whose receipts an audit goes by; null for what is to be found
 *     out, and where nothing is audited
 */
public record RunChoices(Trust trust, @Nullable Long maxFailures, @Nullable Location receipts)
    implements Serializable {
  /** What is unchanged is not done again, and failures stop nothing. */
  public static final RunChoices USUAL = new RunChoices(Trust.EVERY_RUN, null);

  /** Of a run that goes by its own receipts. */
  public RunChoices(Trust trust, @Nullable Long maxFailures) {
    this(trust, maxFailures, null);
  }

  /** Refuses a negative threshold. */
  public RunChoices {
    if (maxFailures != null && maxFailures < 0) {
      throw new IllegalArgumentException(
          "--max-failures: expected a number of at least 0, found " + maxFailures);
    }
  }
}
