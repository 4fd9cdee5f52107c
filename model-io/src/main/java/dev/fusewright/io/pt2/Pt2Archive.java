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

import static java.util.stream.Collectors.joining;

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
import dev.fusewright.io.json.JsonCursor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
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
  private final List<Pt2Program> programs = new ArrayList<>();
  private final Program program;
  private final Map<String, Placed<ConfigEntry>> weights = new LinkedHashMap<>();
  private final Map<String, Placed<ConfigEntry>> constants = new LinkedHashMap<>();
  private final Map<String, Integer> holders = new HashMap<>();

  Pt2Archive(Path path, OpenFile file, ZipScratch scratch) {
    this.file = file;
    ZipDirectory directory = new ZipDirectory(file);
    Refusals.check(path, directory);
    this.folder = new ArchiveFolder(file, directory, scratch, root(file, directory));
    folder.requireLittleEndian();
    List<String> models = models();
    for (String model : models) {
      read(model, models.size() == 1 ? "" : model + ".", Pt2Format.mostHeap() / models.size());
    }
    this.program = programs.size() == 1 ? programs.get(0).program() : Pt2Program.together(programs);
    weights.values().forEach(weight -> holders.merge(weight.value().path(), 1, Integer::sum));
  }

  private void read(String name, String prefix, long heap) {
    FileRegion json = text(MODELS + name + JSON);
    FileRegion config = text(WEIGHTS + name + "_weights_config.json");
    String lifted = CONSTANTS + name + "_constants_config.json";
    Program own = Pt2Program.prefixed(ProgramReader.read(json, heap), prefix);
    Map<String, Placed<ConfigEntry>> ownWeights = new LinkedHashMap<>();
    ConfigReader.read(config, heap).forEach((fqn, entry) -> ownWeights.put(prefix + fqn, entry));
    ownWeights.forEach((fqn, entry) -> put(weights, fqn, entry));
    if (folder.find(lifted) != null) {
      ConfigReader.read(text(lifted), heap)
          .forEach((fqn, entry) -> put(constants, prefix + fqn, entry));
    }
    int first = programs.stream().mapToInt(one -> one.program().nodes().size()).sum();
    programs.add(new Pt2Program(name, prefix, json, config, own, ownWeights, first));
  }

  private void put(
      Map<String, Placed<ConfigEntry>> entries, String fqn, Placed<ConfigEntry> entry) {
    if (entries.put(fqn, entry) != null) {
      throw new MalformedFileException(
          Problem.in(file.label())
              .inside(MODELS)
              .expected("programs whose names tell their parameters apart")
              .found("'" + JsonCursor.shortened(fqn) + "' twice"));
    }
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

  private List<String> models() {
    String place = folder.root() + MODELS;
    return folder.entries().stream()
        .map(ZipEntryInfo::name)
        .filter(entry -> entry.startsWith(place) && entry.endsWith(JSON))
        .map(entry -> entry.substring(place.length(), entry.length() - JSON.length()))
        .toList();
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

  /** The programs, in the order of the archive. */
  List<Pt2Program> programs() {
    return programs;
  }

  Map<String, Placed<ConfigEntry>> weights() {
    return weights;
  }

  /** The full name of a program's record. */
  String programRecord(Pt2Program one) {
    return folder.root() + MODELS + one.name() + JSON;
  }

  /** The full name of the record of the config of a program's weights. */
  String weightsRecord(Pt2Program one) {
    return folder.root() + WEIGHTS + one.name() + "_weights_config.json";
  }

  /** The full name of the record of a storage. */
  String weightRecord(String path) {
    return folder.root() + WEIGHTS + path;
  }

  /** What the file says about itself. */
  Map<String, String> facts() {
    Map<String, String> facts =
        new LinkedHashMap<>(folder.facts(List.of("archive_format", "archive_version")));
    if (programs.size() > 1) {
      facts.put("programs", programs.stream().map(Pt2Program::name).collect(joining(", ")));
    }
    return facts;
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
