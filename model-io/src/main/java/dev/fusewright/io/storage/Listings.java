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
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a store says of many files, by a request for each thousand rather than for each one: folders
 * of which many files are asked for are listed, with all that is below them. Safe for use by
 * several threads.
 *
 * <p>Nobody has to say beforehand which folders those are. Every file that is asked for and was not
 * listed counts for the folder that holds it, and a quarter as much for each one further up. The
 * deepest that {@value #LISTED_AT} points have come to is listed: one with four such files, or with
 * sixteen in folders of their own. A listing that finds more files than it may, is given up, and
 * tried again when four times as many points are there; so that what is spent on listings, in
 * requests, stays near the number of files that were asked for, however much else lies there.
 */
public final class Listings {
  /** For how long what was listed is believed. */
  public static final Duration FRESH = Duration.ofMinutes(5);

  private static final int POINTS = 64;
  private static final int LISTED_AT = 256;

  /** A thousand files, which are one request, for each file that was asked for. */
  private static final int FILES_PER_POINT = 1000 / POINTS;

  /** What one listed file takes of the heap, about. */
  private static final int HELD_BYTES = 400;

  private static final int SHARE_OF_HEAP = 16;

  private static final Logger LOG = LoggerFactory.getLogger(Listings.class);

  private final Store store;
  private final int most;
  private final LongSupplier nanoTime;
  private final Map<Location, Folder> folders = new HashMap<>();
  private final Map<Location, StoredFile> files = new HashMap<>();
  private long since;

  /**
   * Listings of a store.
   *
   * @param most files that are held at the same time
   * @param nanoTime a clock
   */
  Listings(Store store, int most, LongSupplier nanoTime) {
    this.store = store;
    this.most = most;
    this.nanoTime = nanoTime;
    this.since = nanoTime.getAsLong();
  }

  /**
   * Listings that hold a small share of the heap.
   *
   * @param users how many such there are in this JVM
   */
  public static Listings of(Store store, int users) {
    long most = Runtime.getRuntime().maxMemory() / SHARE_OF_HEAP / HELD_BYTES / users;
    return new Listings(store, (int) Math.min(most, 10_000_000), System::nanoTime);
  }

  /** A folder that holds, or holds further down, files that were asked for. */
  private static final class Folder {
    private long points;
    private long due = LISTED_AT;
    private boolean isListed;
  }

  /**
   * What a listing of the last {@link #FRESH} minutes said of a file; empty if there was none, or
   * no such file.
   */
  public synchronized Optional<StoredFile> find(Location file) {
    forgetWhatIsOld();
    if (!files.containsKey(file)) {
      due(file).ifPresent(this::list);
    }
    return Optional.ofNullable(files.get(file));
  }

  private void forgetWhatIsOld() {
    if (nanoTime.getAsLong() - since >= FRESH.toNanos()) {
      folders.clear();
      files.clear();
      since = nanoTime.getAsLong();
    }
  }

  /** The folder whose time to be listed has come, now that one more file is asked for. */
  private Optional<Location> due(Location file) {
    List<Location> above = new ArrayList<>();
    for (Location at = file; !at.parent().equals(at); at = at.parent()) {
      above.add(at.parent());
    }
    if (above.stream().map(folders::get).anyMatch(folder -> folder != null && folder.isListed)) {
      return Optional.empty();
    }
    int worth = POINTS;
    for (Location location : above) {
      if (worth == 0 || folders.size() >= most) {
        break;
      }
      Folder folder = folders.computeIfAbsent(location, any -> new Folder());
      folder.points += worth;
      if (folder.points >= folder.due) {
        return Optional.of(location);
      }
      if (folder.due > LISTED_AT) {
        break; // Holds more than was worth listing, and so does every folder above it.
      }
      worth /= 4;
    }
    return Optional.empty();
  }

  private void list(Location location) {
    Folder folder = folders.get(location);
    long may = Math.min(folder.points * FILES_PER_POINT, most - files.size());
    folder.due = 4 * folder.points;
    try {
      store
          .filesBelow(location, (int) may)
          .ifPresent(
              all -> {
                all.forEach(file -> files.put(file.location(), file));
                folder.isListed = true;
              });
    } catch (IOException e) {
      LOG.warn(
          "{} cannot be listed, its files are asked for one by one: {}", location, e.toString());
    }
  }
}
