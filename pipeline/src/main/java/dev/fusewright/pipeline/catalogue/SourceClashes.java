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
package dev.fusewright.pipeline.catalogue;

import dev.fusewright.io.storage.Location;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Finds entries that would be published over the source of another, among millions, in a hash of
 * each: models are read in any order, and what is replaced may not have been read yet.
 */
final class SourceClashes {
  private final @Nullable Location output;
  private long[] targets = new long[1024];
  private int targetCount;
  private long[] sources = new long[16];
  private int sourceCount;

  /**
   * Clashes of a catalogue.
   *
   * @param output the folder of the published models; null where none are published
   */
  SourceClashes(@Nullable Location output) {
    this.output = output;
  }

  void add(CatalogueEntry entry) {
    if (output == null) {
      return;
    }
    targets = withRoom(targets, targetCount);
    targets[targetCount++] = NameClashes.hash(target(entry, output));
    // Most catalogues have none.
    if (entry.source().isBelow(output)) {
      sources = withRoom(sources, sourceCount);
      sources[sourceCount++] = NameClashes.hash(entry.source().toString());
    }
  }

  private static long[] withRoom(long[] hashes, int count) {
    return count < hashes.length ? hashes : Arrays.copyOf(hashes, 2 * count);
  }

  private static String target(CatalogueEntry entry, Location output) {
    return output.resolve(entry.output()).toString();
  }

  /** What may be a source and the place of another's model, to be told apart by the names. */
  Places places() {
    return new Places(suspects(), output);
  }

  private Set<Long> suspects() {
    Set<Long> both = new HashSet<>();
    if (sourceCount > 0) {
      long[] sorted = Arrays.copyOf(targets, targetCount);
      Arrays.sort(sorted);
      for (int i = 0; i < sourceCount; i++) {
        if (Arrays.binarySearch(sorted, sources[i]) >= 0) {
          both.add(sources[i]);
        }
      }
    }
    return both;
  }

  /** The suspects among the entries, with where they stand, and those that do clash. */
  static final class Places {
    private final Set<Long> suspects;
    private final @Nullable Location output;
    private final Map<String, String> sources = new HashMap<>();
    private final Map<String, String> published = new HashMap<>();

    private Places(Set<Long> suspects, @Nullable Location output) {
      this.suspects = suspects;
      this.output = output;
    }

    boolean isEmpty() {
      return suspects.isEmpty();
    }

    /** What is wrong with an entry, in view of those before it. */
    List<String> add(CatalogueEntry entry, String place) {
      List<String> clashes = new ArrayList<>();
      if (output == null || isEmpty()) {
        return clashes;
      }
      String own = "%s ('%s')".formatted(place, entry.id());
      String source = entry.source().toString();
      if (isSuspect(source)) {
        sources.putIfAbsent(source, own);
        addClash(clashes, published.get(source), own, source);
      }
      String target = target(entry, output);
      // One that is published over its own source fails by itself.
      if (isSuspect(target) && !target.equals(source)) {
        published.put(target, own);
        addClash(clashes, own, sources.get(target), target);
      }
      return clashes;
    }

    private boolean isSuspect(String name) {
      return suspects.contains(NameClashes.hash(name));
    }

    private static void addClash(
        List<String> clashes, @Nullable String model, @Nullable String source, String name) {
      if (model != null && source != null) {
        clashes.add(
            "%s would be published at %s, which is the source of %s"
                .formatted(model, name, source));
      }
    }
  }
}
