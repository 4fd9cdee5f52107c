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
package dev.fusewright.core.proof;

import dev.fusewright.core.graph.GraphException;
import dev.fusewright.core.reference.ReferenceException;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Proves two sides as they are, or else less of them: without nodes that both have, and with the
 * bodies of functions in the place of calls. Whatever is proven in one of these ways is proven.
 */
final class PairProof {
  private PairProof() {}

  /**
   * The first of the proofs that shows that the sides compute the same, or else what the first says.
   *
   * @throws GraphException if a side is invalid
   * @throws UncertifiableException if its extents cannot be looked at
   * @throws ReferenceException likewise
   */
  static ExtentProof of(Subgraph before, Subgraph after, long seed) {
    FunctionExpansion.Pair sides = FunctionExpansion.of(before, after);
    List<Supplier<Optional<FunctionExpansion.Pair>>> others =
        List.of(
            () -> CommonNodes.withoutFirst(sides, seed),
            () -> CommonNodes.without(sides, seed),
            () -> FunctionExpansion.complete(before, after),
            () ->
                FunctionExpansion.complete(before, after)
                    .flatMap(full -> CommonNodes.without(full, seed)));
    ExtentProof whole;
    try {
      whole = ExtentProof.of(sides.before(), sides.after(), seed);
    } catch (GraphException | UncertifiableException | ReferenceException e) {
      return first(others, seed).orElseThrow(() -> e);
    }
    return whole.isEquivalent() ? whole : first(others, seed).orElse(whole);
  }

  private static Optional<ExtentProof> first(
      List<Supplier<Optional<FunctionExpansion.Pair>>> others, long seed) {
    return others.stream()
        .flatMap(other -> proven(other, seed).stream())
        .findFirst();
  }

  private static Optional<ExtentProof> proven(
      Supplier<Optional<FunctionExpansion.Pair>> sides, long seed) {
    try {
      return sides
          .get()
          .map(pair -> ExtentProof.of(pair.before(), pair.after(), seed))
          .filter(ExtentProof::isEquivalent);
    } catch (GraphException | UncertifiableException | ReferenceException e) {
      return Optional.empty(); // Not proven in this way.
    }
  }
}
