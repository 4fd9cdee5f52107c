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
package dev.fusewright.io.pt2;

import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.archive.ArchiveFolder;
import dev.fusewright.io.archive.RecordBytes;
import dev.fusewright.io.archive.StoredViews;
import dev.fusewright.io.archive.ZipDirectory;
import dev.fusewright.io.archive.ZipEntryInfo;
import dev.fusewright.io.archive.ZipScratch;
import dev.fusewright.io.aten.AtenArchive;
import dev.fusewright.io.aten.Parameter;
import dev.fusewright.io.aten.Placed;
import dev.fusewright.io.aten.Program;
import dev.fusewright.io.aten.TensorMeta;
import dev.fusewright.io.file.FileRegion;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.json.JsonCursor;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The records of an archive: its program, its configs, and the storages that they name. */
final class Pt2Archive implements AtenArchive {
  private static final String MODELS = "models/";
  private static final String JSON = ".json";
  static final String WEIGHTS = "data/weights/";
  private static final String CONSTANTS = "data/constants/";

  private final OpenFile file;
  private final ArchiveFolder folder;
  private final String name;

  private final FileRegion json;
  private final FileRegion weightsJson;
  private final Program program;
  private final Map<String, Placed<ConfigEntry>> weights;
  private final Map<String, Placed<ConfigEntry>> constants;
  private final Map<String, Integer> holders = new HashMap<>();

  Pt2Archive(Path path, OpenFile file, ZipScratch scratch) {
    this.file = file;
    ZipDirectory directory = new ZipDirectory(file);
    Refusals.check(path, directory);
    this.folder = new ArchiveFolder(file, directory, scratch, root(file, directory));
    this.name = model();
    long heap = Pt2Format.mostHeap();
    folder.requireLittleEndian();
    this.json = text(MODELS + name + JSON);
    this.program = ProgramReader.read(json, heap);
    this.weightsJson = text(WEIGHTS + name + "_weights_config.json");
    this.weights = ConfigReader.read(weightsJson, heap);
    weights.values().forEach(weight -> holders.merge(weight.value().path(), 1, Integer::sum));
    this.constants =
        folder.find(CONSTANTS + name + "_constants_config.json") == null
            ? Map.of()
            : ConfigReader.read(text(CONSTANTS + name + "_constants_config.json"), heap);
  }

  private static String root(OpenFile file, ZipDirectory directory) {
    for (ZipEntryInfo entry : directory.entries()) {
      int at = entry.name().indexOf(MODELS);
      boolean isRoot = at == 0 || (at > 0 && entry.name().indexOf('/') == at - 1);
      if (isRoot && entry.name().endsWith(JSON)) {
        return entry.name().substring(0, at);
      }
    }
    throw ArchiveFolder.missing(file, MODELS + "model.json");
  }

  private String model() {
    String place = folder.root() + MODELS;
    List<String> models =
        folder.entries().stream()
            .map(ZipEntryInfo::name)
            .filter(entry -> entry.startsWith(place) && entry.endsWith(JSON))
            .map(entry -> entry.substring(place.length(), entry.length() - JSON.length()))
            .toList();
    if (models.size() > 1) {
      throw new UnsupportedFormatException(
          Problem.in(file.label())
              .inside("models/")
              .expected("one program")
              .found(models.size() + ": " + JsonCursor.shortened(String.join(", ", models)))
              .hint("Save each with torch.export.save by itself"));
    }
    return models.get(0);
  }

  private FileRegion text(String record) {
    return folder.text(folder.needed(record));
  }

  OpenFile file() {
    return file;
  }

  ArchiveFolder folder() {
    return folder;
  }

  @Override
  public Program program() {
    return program;
  }

  /** The program's text. */
  FileRegion json() {
    return json;
  }

  /** The text of the weights' config. */
  FileRegion weightsJson() {
    return weightsJson;
  }

  Map<String, Placed<ConfigEntry>> weights() {
    return weights;
  }

  /** The full name of the program's record. */
  String programRecord() {
    return folder.root() + MODELS + name + JSON;
  }

  /** The full name of the record of the weights' config. */
  String weightsRecord() {
    return folder.root() + WEIGHTS + name + "_weights_config.json";
  }

  /** The full name of the record of a storage. */
  String weightRecord(String path) {
    return folder.root() + WEIGHTS + path;
  }

  /** What the file says about itself. */
  Map<String, String> facts() {
    return folder.facts(List.of("archive_format", "archive_version"));
  }

  /** The entry of a parameter; null if no config names it. */
  @Nullable ConfigEntry entry(Parameter parameter) {
    Placed<ConfigEntry> weight = weights.get(parameter.fqn());
    if (weight != null) {
      return weight.value();
    }
    Placed<ConfigEntry> constant = constants.get(parameter.fqn());
    return constant == null ? null : constant.value();
  }

  @Override
  public @Nullable Tensor tensor(Parameter parameter) {
    boolean isWeight = weights.containsKey(parameter.fqn());
    ConfigEntry entry = entry(parameter);
    if (entry == null) {
      throw new MalformedFileException(
          problem(parameter).expected("an entry in a config").found("none"));
    }
    TensorMeta meta = entry.meta();
    boolean isPlain =
        !entry.isPickled()
            && meta.isStrided()
            && meta.isStatic()
            && meta.offset() >= 0
            && meta.strides().size() == meta.dims().size()
            && meta.type() != ElementType.UNDEFINED;
    if (!isPlain) {
      return null;
    }
    RecordBytes storage = folder.storage((isWeight ? WEIGHTS : CONSTANTS) + entry.path());
    return StoredViews.of(
        problem(parameter),
        meta.type(),
        storage,
        storage.region().length() * Byte.SIZE / meta.type().bits(),
        meta.offset(),
        meta.sizes(),
        meta.strides().stream().mapToLong(Long::longValue).toArray());
  }

  @Override
  public String label() {
    return file.label();
  }

  @Override
  public boolean isDescribed(Parameter parameter) {
    Placed<TensorMeta> value = program.values().get(parameter.input());
    ConfigEntry entry = entry(parameter);
    return value != null
        && entry != null
        && value.value().type() == entry.meta().type()
        && value.value().dims().equals(entry.meta().dims());
  }

  @Override
  public boolean isShared(Parameter parameter) {
    ConfigEntry entry = entry(parameter);
    return entry != null && holders.getOrDefault(entry.path(), 0) > 1;
  }

  @Override
  public boolean isWeight(String fqn) {
    return weights.containsKey(fqn);
  }

  @Override
  public boolean fillsItsPlace(Parameter parameter) {
    ConfigEntry entry = Objects.requireNonNull(entry(parameter));
    ZipEntryInfo record = folder.find(WEIGHTS + entry.path());
    return record != null && Layout.order(entry.meta(), record.size()) != null;
  }

  private Problem problem(Parameter parameter) {
    return Problem.in(file.label())
        .inside("parameter '" + JsonCursor.shortened(parameter.fqn()) + "'");
  }
}
