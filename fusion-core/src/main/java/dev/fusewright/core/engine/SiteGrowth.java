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
package dev.fusewright.core.engine;

import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.graph.OpKind;
import dev.fusewright.core.rule.Rewrite;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * How many bytes a model would grow by with one rewrite.
 *
 * @param copied of parameters that others read too, and that are therefore kept beside the new ones
 * @param added of all new parameters, less what is stored no longer
 */
record SiteGrowth(long copied, long added) {
  /** What is worth to be told. */
  private static final long NOTABLE = 1_000_000;

  static SiteGrowth of(MutableScope draft, Rewrite rewrite) {
    Map<Integer, Node> after = new HashMap<>();
    rewrite.replaced().forEach(node -> after.put(node.id(), node));
    Set<String> freed = new HashSet<>();
    long copied = 0;
    long added = 0;
    for (Rewrite.Parameter parameter : rewrite.parameters()) {
      Node node = after.get(parameter.node());
      String current = node == null ? "" : node.input(parameter.input());
      long bytes = parameter.tensor().byteCount();
      added += bytes - freed(draft, current, freed);
      copied += remains(draft, current) ? bytes : 0;
    }
    return new SiteGrowth(copied, added);
  }

  /** Whether a parameter is still read when this reader has got another one. */
  static boolean remains(MutableScope draft, String value) {
    if (value.isEmpty()) {
      return false;
    }
    Node producer = draft.producer(value);
    return draft.isShared(value)
        || (producer == null
            ? draft.initializer(value) == null
            : producer.inputs().stream().anyMatch(input -> remains(draft, input)));
  }

  /** Bytes that are stored for a value and for nothing else. */
  private static long freed(MutableScope draft, String value, Set<String> seen) {
    if (value.isEmpty() || draft.isShared(value) || !seen.add(value)) {
      return 0;
    }
    Node producer = draft.producer(value);
    if (producer == null) {
      Initializer initializer = draft.initializer(value);
      return initializer == null ? 0 : initializer.tensor().byteCount();
    }
    long bytes = producer.is(OpKind.CONSTANT) ? StoredBytes.of(producer) : 0;
    for (String input : producer.inputs()) {
      bytes += freed(draft, input, seen);
    }
    return bytes;
  }

  /** The rewrite, with a note where it makes the file notably larger. */
  Rewrite noted(Rewrite rewrite) {
    return added < NOTABLE
        ? rewrite
        : rewrite.noting(
            List.of(
                String.format(
                    Locale.ROOT,
                    "the file grows by %.1f MB: parameters are stored that were computed or shared",
                    added / 1e6)));
  }
}
