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
import dev.fusewright.io.storage.StoredFile;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks a whole catalogue before work starts, and writes it down with every location resolved. */
public final class CataloguePreparation {
  private static final int PROBLEMS_SHOWN = 20;

  private final Store store;
  private final NameClashes ids = new NameClashes();
  private final NameClashes outputs = new NameClashes();
  private final List<String> problems = new ArrayList<>();

  private CataloguePreparation(Store store) {
    this.store = store;
  }

  /**
   * Checks {@code catalogue}, a file of JSON Lines or Avro or a glob, and writes it to the local
   * file {@code target}.
   *
   * @throws CatalogueException if it is empty or any of its lines is wrong
   * @throws IOException if the store fails
   */
  public static PreparedCatalogue prepare(Store store, Location catalogue, Path target)
      throws CatalogueException, IOException {
    return new CataloguePreparation(store).prepare(catalogue, target);
  }

  /** The entries that a glob makes, one per file. */
  public static List<CatalogueEntry> entries(Store store, Location glob)
      throws CatalogueException, IOException {
    List<StoredFile> files = store.list(glob);
    if (files.isEmpty()) {
      throw new CatalogueException(glob + ": expected models, found no file that matches");
    }
    int prefix = Glob.of(glob).base().path().length();
    Map<String, Integer> uses = new HashMap<>();
    List<String> names = new ArrayList<>();
    for (StoredFile file : files) {
      String name = file.location().path().substring(prefix).replaceFirst("^/", "");
      names.add(name);
      uses.merge(EntryNames.withoutExtension(name), 1, Integer::sum);
    }
    List<CatalogueEntry> entries = new ArrayList<>();
    for (int i = 0; i < files.size(); i++) {
      String plain = EntryNames.withoutExtension(names.get(i));
      // a.onnx and a.pt: the whole names tell them apart.
      String id = uses.getOrDefault(plain, 0) > 1 ? names.get(i) : plain;
      entries.add(CatalogueEntry.of(id, files.get(i).location(), files.get(i).bytes()));
    }
    return entries;
  }

  private PreparedCatalogue prepare(Location catalogue, Path target)
      throws CatalogueException, IOException {
    try (CatalogueWriter writer = new CatalogueWriter(target)) {
      if (Glob.isGlob(catalogue)) {
        for (CatalogueEntry entry : entries(store, catalogue)) {
          EntryNames.check("id", entry.id());
          take(entry, writer);
        }
      } else {
        takeFile(catalogue, writer);
      }
      refuseClashes(catalogue);
      refuse();
      if (writer.entries() == 0) {
        throw new CatalogueException(catalogue + ": expected entries, found none");
      }
      return writer.at(Location.of(target));
    } catch (IllegalArgumentException e) {
      throw new CatalogueException(catalogue + ": " + e.getMessage());
    }
  }

  private void take(CatalogueEntry entry, CatalogueWriter writer) throws IOException {
    ids.add(entry.id());
    outputs.add(entry.output());
    writer.add(entry);
  }

  private void takeFile(Location catalogue, CatalogueWriter writer)
      throws CatalogueException, IOException {
    Location folder = catalogue.parent();
    try (RawCatalogue raws = open(catalogue)) {
      for (RawCatalogue.Raw raw = raws.next(); raw != null; raw = raws.next()) {
        try {
          CatalogueEntry entry = raw.entry(folder);
          take(entry.size() == null ? sized(entry) : entry, writer);
        } catch (IllegalArgumentException e) {
          problem("%s, %s: %s".formatted(catalogue, raw.place(), e.getMessage()));
          if (writer.entries() == 0 && problems.size() == 3) {
            throw notACatalogue(catalogue);
          }
        }
      }
    } catch (CatalogueLines.MalformedLineException e) {
      problem("%s, %s".formatted(catalogue, e.getMessage()));
      if (writer.entries() == 0) {
        throw notACatalogue(catalogue);
      }
    }
  }

  /** A local file's size costs nothing to ask for. */
  private CatalogueEntry sized(CatalogueEntry entry) throws IOException {
    if (!entry.source().isLocal()) {
      return entry;
    }
    Long size = store.status(entry.source()).map(StoredFile::bytes).orElse(null);
    return size == null ? entry : entry.withSize(size);
  }

  private RawCatalogue open(Location catalogue) throws CatalogueException, IOException {
    try {
      InputStream in = store.open(catalogue);
      return CatalogueAvro.isAvro(catalogue)
          ? CatalogueAvro.read(in)
          : RawCatalogue.ofLines(new CatalogueLines(in));
    } catch (FileNotFoundException e) {
      throw new CatalogueException(
          "%s: expected a catalogue, found %s. A folder of models is given as a glob: --catalogue '%s/**/*.onnx'"
              .formatted(catalogue, e.getMessage(), catalogue));
    }
  }

  private CatalogueException notACatalogue(Location catalogue) {
    problems.add(
        catalogue
            + " seems to be no catalogue. It has one JSON object per line: {\"id\": \"a\", \"uri\": \"a.onnx\"}."
            + " A single model is fused with `fusewright fuse`; a glob makes one entry per file.");
    return new CatalogueException(problems);
  }

  private void problem(String problem) throws CatalogueException {
    problems.add(problem);
    if (problems.size() == PROBLEMS_SHOWN) {
      problems.add("… and perhaps more: only the first " + PROBLEMS_SHOWN + " are shown.");
      throw new CatalogueException(problems);
    }
  }

  private void refuse() throws CatalogueException {
    if (!problems.isEmpty()) {
      throw new CatalogueException(problems);
    }
  }

  private void refuseClashes(Location catalogue) throws CatalogueException, IOException {
    Set<Long> suspectIds = ids.suspects();
    Set<Long> suspectOutputs = outputs.suspects();
    if (suspectIds.isEmpty() && suspectOutputs.isEmpty()) {
      return;
    }
    Map<String, String> seenIds = new LinkedHashMap<>();
    Map<String, String> seenOutputs = new LinkedHashMap<>();
    try (RawCatalogue raws = open(catalogue)) {
      for (RawCatalogue.Raw raw = raws.next(); raw != null; raw = raws.next()) {
        CatalogueEntry entry;
        try {
          entry = raw.entry(catalogue.parent());
        } catch (IllegalArgumentException e) {
          continue; // has been said
        }
        String sameId = seen(seenIds, suspectIds, entry.id(), raw.place());
        String sameOutput = seen(seenOutputs, suspectOutputs, entry.output(), raw.place());
        if (sameId != null) {
          problem(
              "%s, %s: id '%s' is taken by %s; ids are unique"
                  .formatted(catalogue, raw.place(), entry.id(), sameId));
        } else if (sameOutput != null) {
          problem(
              "%s, %s: '%s' would be published at %s, as %s already is"
                  .formatted(catalogue, raw.place(), entry.id(), entry.output(), sameOutput));
        }
      }
    }
  }

  private static @Nullable String seen(
      Map<String, String> seen, Set<Long> suspects, String name, String place) {
    return suspects.contains(NameClashes.hash(name)) ? seen.putIfAbsent(name, place) : null;
  }
}
