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

import dev.fusewright.io.storage.Glob;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Originals of one glob with the candidates of another: those belong together whose names are the
 * same between the first and the last wildcard, without a format's extension. {@code zoo/*.onnx}
 * and {@code opt/*.slim.onnx} pair {@code zoo/a.onnx} with {@code opt/a.slim.onnx}.
 *
 * @param entries one for each original, with its candidate where there is one
 * @param unpaired ids of those without
 * @param unused candidates without an original
 */
public record GlobPairs(
    List<CatalogueEntry> entries, List<String> unpaired, List<Location> unused) {
  private static final String OPENING = "*?[{";
  private static final String CLOSING = "*?]}";

  /** Copies the lists. */
  public GlobPairs {
    entries = List.copyOf(entries);
    unpaired = List.copyOf(unpaired);
    unused = List.copyOf(unused);
  }

  /**
   * Lists both. A file that both globs match is a candidate.
   *
   * @throws CatalogueException if a glob matches nothing, nothing belongs together, or several
   *     candidates belong to one original
   * @throws IOException if the store fails
   */
  public static GlobPairs of(Store store, Location originals, Location candidates)
      throws CatalogueException, IOException {
    Map<String, Location> made = new LinkedHashMap<>();
    Set<Location> all = new HashSet<>();
    for (CatalogueEntry candidate : CataloguePreparation.entries(store, candidates)) {
      Location other = made.putIfAbsent(key(candidates, candidate.source()), candidate.source());
      if (other != null) {
        throw new CatalogueException(
            "%s: expected one candidate for each original, found %s and %s of one"
                .formatted(candidates, other, candidate.source()));
      }
      all.add(candidate.source());
    }
    List<CatalogueEntry> entries = new ArrayList<>();
    List<String> unpaired = new ArrayList<>();
    for (CatalogueEntry original : CataloguePreparation.entries(store, originals)) {
      if (!all.contains(original.source())) {
        Location candidate = made.remove(key(originals, original.source()));
        if (candidate == null) {
          unpaired.add(original.id());
        }
        entries.add(candidate == null ? original : original.withCandidate(candidate));
      }
    }
    if (unpaired.size() == entries.size()) {
      throw new CatalogueException(
          "expected candidates in %s that are called like the originals in %s, found none"
              .formatted(candidates, originals));
    }
    return new GlobPairs(entries, unpaired, List.copyOf(made.values()));
  }

  /** What a match has between the first and the last wildcard. */
  private static String key(Location glob, Location match) {
    String pattern = glob.path();
    if (!Glob.isGlob(glob)) {
      return "";
    }
    int first = 0;
    while (OPENING.indexOf(pattern.charAt(first)) < 0) {
      first++;
    }
    int last = pattern.length();
    while (CLOSING.indexOf(pattern.charAt(last - 1)) < 0) {
      last--;
    }
    String path = match.path();
    int end = Math.max(first, path.length() - (pattern.length() - last));
    return EntryNames.withoutExtension(path.substring(Math.min(first, end), end));
  }
}
