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

import dev.fusewright.io.Formats;
import dev.fusewright.io.file.CheckpointException;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Scratch;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The models among the files that a glob matches. An index and its shards are one: the shards are
 * left out, and the index is there even where the glob matches only the shards, as far as these are
 * called as shards are.
 */
final class ListedModels {
  /** A longer index is read by whoever fuses it, who says why it cannot be. */
  private static final long LONGEST_INDEX = 100_000_000;

  private final Store store;
  private final Map<Location, StoredFile> files = new LinkedHashMap<>();
  private final Map<Location, Long> sizes = new HashMap<>();

  private ListedModels(Store store, List<StoredFile> matches) {
    this.store = store;
    matches.forEach(file -> files.put(file.location(), file));
  }

  /**
   * A model.
   *
   * @param bytes of all its files; null if they are not known
   */
  record Model(Location location, @Nullable Long bytes) {}

  /** The models among some files, sorted by location. */
  static List<Model> of(Store store, List<StoredFile> matches) throws IOException {
    return new ListedModels(store, matches).models();
  }

  private List<Model> models() throws IOException {
    List<StoredFile> matched = new ArrayList<>(files.values());
    for (StoredFile file : matched) {
      if (Formats.isListName(file.location().name())) {
        takeShards(file);
      }
    }
    for (Location folder : foldersOfShards()) {
      for (StoredFile index : indexes(folder)) {
        if (!files.containsKey(index.location()) && takeShards(index)) {
          files.put(index.location(), index);
        }
      }
    }
    return files.values().stream()
        .map(file -> new Model(file.location(), size(file)))
        .sorted(Comparator.comparing(model -> model.location().path()))
        .toList();
  }

  private @Nullable Long size(StoredFile file) {
    return Formats.isListName(file.location().name())
        ? sizes.get(file.location())
        : Long.valueOf(file.bytes());
  }

  /** Folders in which something is left that is called as shards are. */
  private Set<Location> foldersOfShards() {
    Set<Location> folders = new LinkedHashSet<>();
    for (Location file : files.keySet()) {
      if (Formats.isPart(file.name())) {
        folders.add(file.parent());
      }
    }
    return folders;
  }

  private List<StoredFile> indexes(Location folder) throws IOException {
    List<StoredFile> indexes = new ArrayList<>();
    for (String extension : Formats.listExtensions()) {
      store.list(folder.filesWith(extension)).stream()
          .filter(file -> Formats.isListName(file.location().name()))
          .forEach(indexes::add);
    }
    return indexes;
  }

  /** Leaves out the shards of an index, and says whether there were any. */
  private boolean takeShards(StoredFile index) throws IOException {
    boolean isAny = false;
    boolean isAll = true;
    long bytes = index.bytes();
    for (String name : shards(index)) {
      StoredFile shard = files.remove(index.location().parent().resolve(name));
      isAny |= shard != null;
      isAll &= shard != null;
      bytes += shard == null ? 0 : shard.bytes();
    }
    if (isAny && isAll) {
      sizes.put(index.location(), bytes);
    }
    return isAny;
  }

  /** What cannot be read is an entry as it stands, which fails and says why. */
  private List<String> shards(StoredFile index) throws IOException {
    if (index.bytes() > LONGEST_INDEX) {
      return List.of();
    }
    try {
      if (index.location().isLocal()) {
        return Formats.dataFiles(index.location().localPath());
      }
      try (Scratch scratch = Scratch.in(Path.of(System.getProperty("java.io.tmpdir")))) {
        return Formats.dataFiles(
            new Staging(store).fetch(index.location(), scratch, "index.json").file());
      }
    } catch (CheckpointException e) {
      return List.of();
    }
  }
}
