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
package dev.fusewright.io.storage;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** A store whose listings all come from one walk over a folder. */
abstract class WalkingStore implements Store {
  /** What its unfinished files are called. */
  final TemporaryNames names;

  WalkingStore(TemporaryNames names) {
    this.names = names;
  }

  /** Removes a file, if it is there. */
  abstract void delete(Location file) throws IOException;

  /**
   * Tells the files of a folder that are wanted, in no order, as far as there are enough of them;
   * none if it does not exist. May tell one twice.
   *
   * @param isRecursive whether files in the folders below it count
   */
  abstract void walk(
      Location folder,
      boolean isRecursive,
      Predicate<Location> isWanted,
      long enough,
      Consumer<StoredFile> found)
      throws IOException;

  /** The same, each once. */
  private List<StoredFile> walk(
      Location folder, boolean isRecursive, Predicate<Location> isWanted, long enough)
      throws IOException {
    Map<Location, StoredFile> found = new LinkedHashMap<>();
    walk(folder, isRecursive, isWanted, enough, file -> found.put(file.location(), file));
    return new ArrayList<>(found.values());
  }

  @Override
  public List<StoredFile> list(Location location) throws IOException {
    Glob glob = Glob.of(location);
    List<StoredFile> matches = walk(glob.base(), glob.isRecursive(), glob::matches, Long.MAX_VALUE);
    matches.sort(Comparator.comparing(file -> file.location().path()));
    return List.copyOf(matches);
  }

  @Override
  public Optional<List<StoredFile>> filesBelow(Location folder, int most) throws IOException {
    List<StoredFile> files = walk(folder, true, file -> true, most + 1L);
    return files.size() > most ? Optional.empty() : Optional.of(files);
  }

  @Override
  public boolean forEachBelow(Location folder, int most, Consumer<StoredFile> file)
      throws IOException {
    long[] found = {0};
    walk(
        folder,
        true,
        each -> true,
        most + 1L,
        each -> {
          found[0]++;
          file.accept(each);
        });
    return found[0] <= most;
  }

  @Override
  public void remove(Location file) throws IOException {
    delete(file);
  }

  @Override
  public int removeOrphans(Location folder, Instant now) throws IOException {
    Instant abandoned = now.minus(ABANDONED);
    int removed = 0;
    IOException failure = null;
    for (StoredFile file : unfinished(folder)) {
      // Where a store does not tell when a file was touched, it says 0.
      boolean isAbandoned =
          file.modified().isAfter(Instant.EPOCH) && file.modified().isBefore(abandoned);
      if (names.areOf(file.location()) || isAbandoned) {
        try {
          delete(file.location());
          removed++;
        } catch (IOException e) {
          failure = failure == null ? e : failure;
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
    return removed;
  }

  /** Everybody's unfinished files, in a folder and in those below it. */
  List<StoredFile> unfinished(Location folder) throws IOException {
    return walk(folder, true, TemporaryNames::areAnyWriters, Long.MAX_VALUE);
  }
}
