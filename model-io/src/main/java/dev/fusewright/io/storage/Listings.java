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
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Statuses of many files by listing, a request for each thousand rather than for each one: folders
 * of which many files will be asked for are listed, with all that is below them. For use by one
 * thread.
 *
 * <p>Whoever will ask says so first. A file counts for the folder that holds it, and a quarter as
 * much for each one further up; the deepest of them that has {@value #LISTED_AT} points is listed
 * when it comes to it: one with four such files, or with sixteen in folders of their own. A listing
 * is given up when it would take more requests than there are files to ask for.
 */
public final class Listings {
  private static final int POINTS = 64;
  private static final int LISTED_AT = 256;

  /** A thousand files, which are one request, for each that will be asked for. */
  private static final int FILES_PER_POINT = 1000 / POINTS;

  /** What one folder of which files will be asked for takes of the heap, about. */
  private static final int FOLDER_BYTES = 400;

  private static final int FOLDERS_SHARE_OF_HEAP = 16;

  /** Three eighths of it: of a million entries in half a gigabyte there is room for all. */
  private static final double FILES_SHARE_OF_HEAP = 0.375;

  private static final Logger LOG = LoggerFactory.getLogger(Listings.class);

  private final Store store;
  private final int most;
  private final Map<Location, Folder> folders = new HashMap<>();
  private final int mostFolders;
  private int held;

  /**
   * Listings of a store.
   *
   * @param most files that are held
   */
  Listings(Store store, int most) {
    this.store = store;
    this.most = most;
    this.mostFolders =
        (int)
            Math.min(
                most, Runtime.getRuntime().maxMemory() / FOLDERS_SHARE_OF_HEAP / FOLDER_BYTES);
  }

  /** Listings of a store that hold a share of the heap. */
  public static Listings of(Store store) {
    double most =
        Runtime.getRuntime().maxMemory() * FILES_SHARE_OF_HEAP / StatusTable.FILE_BYTES;
    return new Listings(store, (int) Math.min(most, 100_000_000));
  }

  /** A folder with files that will be asked for, in it or further down. */
  private static final class Folder {
    private final Location location;
    private long points;
    private boolean isTried;
    private @Nullable StatusTable files;

    Folder(Location location) {
      this.location = location;
    }
  }

  /** Counts a file that will be asked for. */
  public void expect(Location file) {
    Location location = file.parent();
    for (int worth = POINTS; worth > 0; worth /= 4, location = location.parent()) {
      Folder folder = folders.get(location);
      if (folder == null && folders.size() < mostFolders) {
        folder = new Folder(location);
        folders.put(location, folder);
      }
      if (folder != null) {
        folder.points += worth;
      }
    }
  }

  /** What a listing says of a file; empty if there is none, or no such file. */
  public Optional<StoredFile> find(Location file) {
    Optional<StoredFile> listed = listed(file);
    if (listed.isPresent()) {
      return listed;
    }
    Location location = file.parent();
    for (int worth = POINTS; worth > 0; worth /= 4, location = location.parent()) {
      Folder folder = folders.get(location);
      if (folder != null && folder.points >= LISTED_AT) {
        if (!folder.isTried) {
          list(folder);
        }
        // If it holds more than was worth listing, then so do those above it.
        break;
      }
    }
    return listed(file);
  }

  private Optional<StoredFile> listed(Location file) {
    for (Location location = file.parent(); ; location = location.parent()) {
      Folder folder = folders.get(location);
      if (folder != null && folder.files != null) {
        Optional<StoredFile> found = folder.files.find(file);
        if (found.isPresent()) {
          return found;
        }
      }
      if (location.path().equals("/")) {
        return Optional.empty();
      }
    }
  }

  private void list(Folder folder) {
    folder.isTried = true;
    long worth = folder.points * FILES_PER_POINT;
    long room = most - held;
    StatusTable files = new StatusTable();
    try {
      if (store.forEachBelow(folder.location, (int) Math.min(worth, room), files::put)) {
        folder.files = files;
        held += files.size();
      } else if (room < worth) {
        LOG.warn(
            "{} holds more files than there is memory for (room for {} more), so that each of its files is asked for by itself; a larger heap has more room",
            folder.location,
            room);
      } else {
        LOG.info(
            "{} holds many more files than will be asked for: those are asked for one by one",
            folder.location);
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn(
          "{} cannot be listed, its files are asked for one by one: {}",
          folder.location,
          e.toString());
    }
  }
}
