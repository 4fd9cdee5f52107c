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
package dev.fusewright.pipeline.cache;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where batches of receipts are.
 *
 * <table>
 * <caption>Below the folder</caption>
 * <tr><td>{@code new/<uuid>-<n>.avro}</td><td>what one worker has done, the last of them written
 * anew as it grows</td>
 * </tr>
 * <tr><td>{@code sorted/<uuid>/<number>.avro}</td><td>segments of merged receipts</td></tr>
 * <tr><td>{@code index/<number>.avro}</td><td>the segments of one generation, the highest number
 * counts; it is never replaced</td></tr>
 * </table>
 */
record ReceiptFolder(Location location) {
  private static final Pattern GENERATION = Pattern.compile("(\\d{10})\\.avro");

  private Location fresh() {
    return location.resolve("new");
  }

  /** A batch of a worker. */
  Location fresh(UUID worker, int number) {
    return fresh().resolve("%s-%d.avro".formatted(worker, number));
  }

  /** Who wrote a batch, or that batch alone, as far as its name says. */
  static String worker(Location batch) {
    int dash = batch.name().lastIndexOf('-');
    return dash < 0 ? batch.name() : batch.name().substring(0, dash);
  }

  Location sorted() {
    return location.resolve("sorted");
  }

  private Location indexes() {
    return location.resolve("index");
  }

  Location index(long generation) {
    return indexes().resolve(String.format(Locale.ROOT, "%010d.avro", generation));
  }

  /** What workers wrote since the last merge, the oldest first. */
  List<StoredFile> fresh(Store store) throws IOException {
    return files(store, fresh()).stream()
        .filter(file -> file.location().name().endsWith(".avro"))
        .filter(file -> !file.location().name().startsWith("."))
        .sorted(
            Comparator.comparing(StoredFile::modified)
                .thenComparing(file -> file.location().path()))
        .toList();
  }

  /** The indexes that are there, the newest first. */
  List<StoredFile> indexes(Store store) throws IOException {
    return files(store, indexes()).stream()
        .filter(file -> generation(file.location()).isPresent())
        .sorted(Comparator.comparing((StoredFile file) -> file.location().name()).reversed())
        .toList();
  }

  static OptionalLong generation(Location index) {
    Matcher name = GENERATION.matcher(index.name());
    return name.matches() ? OptionalLong.of(Long.parseLong(name.group(1))) : OptionalLong.empty();
  }

  /** Not by a glob: the folder's own name may look like one. */
  private static List<StoredFile> files(Store store, Location folder) throws IOException {
    Optional<List<StoredFile>> files = store.filesBelow(folder, Integer.MAX_VALUE - 1);
    return files.orElseThrow();
  }
}
