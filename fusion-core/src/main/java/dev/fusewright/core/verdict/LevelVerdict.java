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
package dev.fusewright.core.verdict;

import org.jspecify.annotations.Nullable;

/**
 * Verdict of one level of checking.
 *
 * @param doubt why the level could not tell; given exactly if the verdict is {@link
 *     Verdict#INCONCLUSIVE}
 * @param reason a sentence for the report, with figures; empty only if there is nothing to say
 */
public record LevelVerdict(Verdict verdict, @Nullable InconclusiveReason doubt, String reason) {
  /** Refuses an inconclusive verdict without its doubt, and a doubt with any other verdict. */
  public LevelVerdict {
    if ((verdict == Verdict.INCONCLUSIVE) != (doubt != null)) {
      throw new IllegalArgumentException(verdict + " with doubt " + doubt);
    }
  }

  /**
   * Whether a certificate and a site check together prove a fusion: both do, or the certificate
   * does, for every input, and nothing that was run could have shown a fault.
   */
  public static boolean areProof(LevelVerdict certificate, LevelVerdict site) {
    return certificate.verdict == Verdict.EQUIVALENT
        && (site.verdict == Verdict.EQUIVALENT || site.doubt == InconclusiveReason.VACUOUS);
  }

  /** The models are the same at this level. */
  public static LevelVerdict equivalent(String reason) {
    return new LevelVerdict(Verdict.EQUIVALENT, null, reason);
  }

  /** The models differ, as {@code reason} says. */
  public static LevelVerdict different(String reason) {
    return new LevelVerdict(Verdict.DIFFERENT, null, reason);
  }

  /** This level could not tell. */
  public static LevelVerdict inconclusive(InconclusiveReason doubt, String reason) {
    return new LevelVerdict(Verdict.INCONCLUSIVE, doubt, reason);
  }

  /** This level was not asked for. */
  public static LevelVerdict notChecked(String reason) {
    return new LevelVerdict(Verdict.NOT_CHECKED, null, reason);
  }
}
