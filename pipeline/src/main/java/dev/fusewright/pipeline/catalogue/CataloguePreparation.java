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

import dev.fusewright.core.text.Printable;
import dev.fusewright.io.storage.Glob;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.StoredFile;
import dev.fusewright.pipeline.files.DamagedFileException;
import java.io.Closeable;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks a whole catalogue before work starts, and writes it down with every location resolved. */
public final class CataloguePreparation {
  private static final int PROBLEMS_SHOWN = 20;

  /** Of a line that is no entry, with what was found in it. */
  private static final int LONGEST_PROBLEM = 500;

  private final Store store;
  private final NameClashes ids = new NameClashes();
  private final NameClashes outputs = new NameClashes();
  private final FolderClashes folders = new FolderClashes();

  /** The first of the lines that are no entries. */
  private final List<String> unreadable = new ArrayList<>();

  private long readable;

  private CataloguePreparation(Store store) {
    this.store = store;
  }

  /**
   * Checks {@code catalogue}, a file of JSON Lines or Avro or a glob, and writes it to the local
   * file {@code target}. A line that is no entry becomes one that fails, with the reason.
   *
   * @throws CatalogueException if it is empty, none of its lines is an entry, or entries are in
   *     each other's way
   * @throws IOException if the store fails
   */
  public static PreparedCatalogue prepare(Store store, Location catalogue, Path target)
      throws CatalogueException, IOException {
    return new CataloguePreparation(store).prepare(catalogue, target);
  }

  /** The entries that a glob makes, one per model: an index and its shards are one. */
  public static List<CatalogueEntry> entries(Store store, Location glob)
      throws CatalogueException, IOException {
    List<ListedModels.Model> files = ListedModels.of(store, store.list(glob));
    if (files.isEmpty()) {
      throw new CatalogueException(glob + ": expected models, found no file that matches");
    }
    int prefix = Glob.of(glob).base().path().length();
    Map<String, Integer> uses = new HashMap<>();
    List<String> names = new ArrayList<>();
    for (ListedModels.Model file : files) {
      String name = file.location().path().substring(prefix).replaceFirst("^/", "");
      names.add(name);
      uses.merge(EntryNames.ofFile(name), 1, Integer::sum);
    }
    List<CatalogueEntry> entries = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      String plain = EntryNames.ofFile(names.get(i));
      // a and a.onnx: the whole names tell them apart.
      String id = uses.getOrDefault(plain, 0) > 1 ? names.get(i) : plain;
      entries.add(CatalogueEntry.of(id, files.get(i).location(), files.get(i).bytes()));
    }
    return entries;
  }

  private PreparedCatalogue prepare(Location catalogue, Path target)
      throws CatalogueException, IOException {
    try (CatalogueWriter writer = new CatalogueWriter(target)) {
      if (Glob.isGlob(catalogue)) {
        takeFiles(catalogue, writer);
      } else {
        takeFile(catalogue, writer);
      }
      if (readable == 0) {
        throw unreadable.isEmpty()
            ? new CatalogueException(catalogue + ": expected entries, found none")
            : notACatalogue(catalogue);
      }
      refuseClashes(catalogue);
      return writer.at(Location.of(target));
    } catch (IllegalArgumentException e) {
      throw new CatalogueException(catalogue + ": " + e.getMessage());
    }
  }

  private void take(CatalogueEntry entry, CatalogueWriter writer) throws IOException {
    readable++;
    ids.add(entry.id());
    outputs.add(entry.output());
    folders.add(entry);
    writer.add(entry);
  }

  /** Nothing is published of it, but it is reported under its id. */
  private void takeUnreadable(CatalogueEntry entry, CatalogueWriter writer) throws IOException {
    if (unreadable.size() < PROBLEMS_SHOWN) {
      unreadable.add(Objects.requireNonNull(entry.problem()));
    }
    ids.add(entry.id());
    writer.add(entry);
  }

  /** An entry, or what stands in its place. */
  private static CatalogueEntry entry(RawCatalogue.Raw raw, Location catalogue) {
    try {
      return raw.entry(catalogue.parent());
    } catch (RuntimeException e) {
      String reason =
          e instanceof IllegalArgumentException ? String.valueOf(e.getMessage()) : e.toString();
      String problem = Printable.line("%s, %s: %s".formatted(catalogue, raw.place(), reason));
      return CatalogueEntry.unreadable(
          raw.id().orElse(raw.place()),
          catalogue,
          problem.length() > LONGEST_PROBLEM
              ? problem.substring(0, LONGEST_PROBLEM) + "…"
              : problem);
    }
  }

  private void takeFiles(Location glob, CatalogueWriter writer)
      throws CatalogueException, IOException {
    long number = 0;
    for (CatalogueEntry entry : entries(store, glob)) {
      number++;
      try {
        EntryNames.check("id", entry.id());
        take(entry, writer);
      } catch (IllegalArgumentException e) {
        takeUnreadable(
            CatalogueEntry.unreadable(
                "file " + number,
                glob,
                Printable.line("%s, %s: %s".formatted(glob, entry.source(), e.getMessage()))),
            writer);
      }
    }
  }

  private void takeFile(Location catalogue, CatalogueWriter writer)
      throws CatalogueException, IOException {
    try (RawCatalogue raws = open(catalogue)) {
      for (RawCatalogue.Raw raw = raws.next(); raw != null; raw = raws.next()) {
        CatalogueEntry entry = entry(raw, catalogue);
        if (entry.problem() == null) {
          take(entry.size() == null ? sized(entry) : entry, writer);
        } else {
          takeUnreadable(entry, writer);
        }
      }
    } catch (DamagedFileException e) {
      // How many entries are lost nobody knows: no line of it stands for itself.
      throw new CatalogueException(String.valueOf(e.getMessage()));
    }
  }

  /** A local file's size costs nothing to ask for; why it cannot be had, the attempt will say. */
  private CatalogueEntry sized(CatalogueEntry entry) {
    if (!entry.source().isLocal()) {
      return entry;
    }
    try {
      Long size = store.status(entry.source()).map(StoredFile::bytes).orElse(null);
      return size == null ? entry : entry.withSize(size);
    } catch (IOException | InvalidPathException e) {
      return entry;
    }
  }

  private RawCatalogue open(Location catalogue) throws CatalogueException, IOException {
    try {
      return CatalogueAvro.isAvro(catalogue)
          ? CatalogueAvro.read(store, catalogue)
          : RawCatalogue.ofLines(new CatalogueLines(store.open(catalogue)));
    } catch (FileNotFoundException e) {
      throw new CatalogueException(
          "%s: expected a catalogue, found %s. A folder of models is given as a glob: --catalogue '%s/**/*.onnx'"
              .formatted(catalogue, e.getMessage(), catalogue));
    }
  }

  private CatalogueException notACatalogue(Location catalogue) {
    List<String> problems = new ArrayList<>(unreadable.subList(0, Math.min(3, unreadable.size())));
    problems.add(
        catalogue
            + " seems to be no catalogue. It has one JSON object per line: {\"id\": \"a\", \"uri\": \"a.onnx\"}."
            + " A single model is fused with `fusewright fuse`; a glob makes one entry per file.");
    return new CatalogueException(problems);
  }

  private void refuseClashes(Location catalogue) throws CatalogueException, IOException {
    Set<Long> suspectIds = ids.suspects();
    Set<Long> suspectOutputs = outputs.suspects();
    Set<Long> suspectFolders = folders.suspects();
    if (suspectIds.isEmpty() && suspectOutputs.isEmpty() && suspectFolders.isEmpty()) {
      return;
    }
    List<String> problems = new ArrayList<>();
    Map<String, String> seenIds = new LinkedHashMap<>();
    Map<String, String> seenOutputs = new LinkedHashMap<>();
    FolderClashes.Places places = new FolderClashes.Places(suspectFolders);
    try (Entries entries = new Entries(catalogue)) {
      for (var placed = entries.next(); placed != null; placed = entries.next()) {
        CatalogueEntry entry = placed.entry();
        String sameId = seen(seenIds, suspectIds, entry.id(), placed.place());
        if (sameId != null) {
          problems.add(
              "%s, %s: id '%s' is taken by %s; ids are unique"
                  .formatted(catalogue, placed.place(), entry.id(), sameId));
        } else if (entry.problem() == null) {
          String sameOutput = seen(seenOutputs, suspectOutputs, entry.output(), placed.place());
          if (sameOutput != null) {
            problems.add(
                "%s, %s: '%s' would be published at %s, as %s already is"
                    .formatted(catalogue, placed.place(), entry.id(), entry.output(), sameOutput));
          }
          places
              .add(entry, placed.place())
              .forEach(clash -> problems.add("%s, %s".formatted(catalogue, clash)));
        }
        if (problems.size() >= PROBLEMS_SHOWN) {
          problems.add("… and perhaps more: only the first " + problems.size() + " are shown.");
          throw new CatalogueException(problems);
        }
      }
    }
    if (!problems.isEmpty()) {
      throw new CatalogueException(problems);
    }
  }

  private static @Nullable String seen(
      Map<String, String> seen, Set<Long> suspects, String name, String place) {
    return suspects.contains(NameClashes.hash(name)) ? seen.putIfAbsent(name, place) : null;
  }

  /** An entry and where it stands. */
  private record Placed(String place, CatalogueEntry entry) {}

  /** The entries of a catalogue once more, of a glob as of a file. */
  private final class Entries implements Closeable {
    private final Location catalogue;
    private final @Nullable RawCatalogue raws;
    private final Iterator<CatalogueEntry> ofGlob;

    Entries(Location catalogue) throws CatalogueException, IOException {
      this.catalogue = catalogue;
      boolean isGlob = Glob.isGlob(catalogue);
      this.raws = isGlob ? null : open(catalogue);
      this.ofGlob = isGlob ? entries(store, catalogue).iterator() : Collections.emptyIterator();
    }

    @Nullable Placed next() throws IOException {
      if (raws == null) {
        if (!ofGlob.hasNext()) {
          return null;
        }
        CatalogueEntry entry = ofGlob.next();
        return new Placed(entry.source().toString(), entry);
      }
      RawCatalogue.Raw raw = raws.next();
      return raw == null ? null : new Placed(raw.place(), entry(raw, catalogue));
    }

    @Override
    public void close() throws IOException {
      if (raws != null) {
        raws.close();
      }
    }
  }
}
