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

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Result of proving one fusion by itself.
 *
 * @param rule that made the fusion
 * @param scope of its nodes, as a report has it; empty for the main graph
 * @param nodes of the original that it replaced
 * @param operands of the original that the certificate rests on; empty if it was not asked for them
 * @param stored what the certificate found in the stored parameters; null if it found none
 */
public record SiteResult(
    String rule,
    String scope,
    List<String> nodes,
    LevelVerdict certificate,
    LevelVerdict site,
    List<OperandDigest> operands,
    @Nullable StoredFigures stored) {
  /** Copies the lists. */
  public SiteResult {
    nodes = List.copyOf(nodes);
    operands = List.copyOf(operands);
  }

  /** A result without figures. */
  public SiteResult(String rule, List<String> nodes, LevelVerdict certificate, LevelVerdict site) {
    this(rule, "", nodes, certificate, site, List.of(), null);
  }

  /** Whether the fusion is {@linkplain LevelVerdict#areProof proven}. */
  public boolean isProven() {
    return LevelVerdict.areProof(certificate, site);
  }
}
