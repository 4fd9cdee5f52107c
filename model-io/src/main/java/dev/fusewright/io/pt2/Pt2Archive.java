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
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.StoredTensor;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.archive.RecordBytes;
import dev.fusewright.io.archive.StridedSource;
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
import dev.fusewright.io.file.TooLargeException;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.json.JsonCursor;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
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
  private static final String WEIGHTS = "data/weights/";
  private static final String CONSTANTS = "data/constants/";
  private static final int LONGEST_FACT = 100;

  private final OpenFile file;
  private final ZipDirectory directory;
  private final ZipScratch scratch;
  private final String root;
  private final String name;
  private final Map<String, RecordBytes> storages = new HashMap<>();

  private final FileRegion json;
  private final FileRegion weightsJson;
  private final Program program;
  private final Map<String, Placed<ConfigEntry>> weights;
  private final Map<String, Placed<ConfigEntry>> constants;
  private final Map<String, Integer> holders = new HashMap<>();

  Pt2Archive(Path path, OpenFile file, ZipScratch scratch) {
    this.file = file;
    this.scratch = scratch;
    this.directory = new ZipDirectory(file);
    Refusals.check(path, directory);
    this.root = root();
    this.name = model();
    long heap = Pt2Format.mostHeap();
    String order = fact("byteorder");
    if (!order.isEmpty() && !order.equals("little")) {
      throw new UnsupportedFormatException(
          Problem.in(file.label())
              .inside("byteorder")
              .expected("'little'")
              .found("'" + JsonCursor.shortened(order) + "'"));
    }
    this.json = text(MODELS + name + JSON);
    this.program = ProgramReader.read(json, heap);
    this.weightsJson = text(WEIGHTS + name + "_weights_config.json");
    this.weights = ConfigReader.read(weightsJson, heap);
    weights.values().forEach(weight -> holders.merge(weight.value().path(), 1, Integer::sum));
    this.constants =
        directory.entry(root + CONSTANTS + name + "_constants_config.json") == null
            ? Map.of()
            : ConfigReader.read(text(CONSTANTS + name + "_constants_config.json"), heap);
  }

  private String root() {
    for (ZipEntryInfo entry : directory.entries()) {
      int at = entry.name().indexOf(MODELS);
      boolean isRoot = at == 0 || (at > 0 && entry.name().indexOf('/') == at - 1);
      if (isRoot && entry.name().endsWith(JSON)) {
        return entry.name().substring(0, at);
      }
    }
    throw missing(MODELS + "model.json");
  }

  private String model() {
    List<String> models =
        directory.entries().stream()
            .map(ZipEntryInfo::name)
            .filter(entry -> entry.startsWith(root + MODELS) && entry.endsWith(JSON))
            .map(entry -> entry.substring((root + MODELS).length(), entry.length() - JSON.length()))
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

  /** A record that is read as a whole, its checksum verified. */
  private FileRegion text(String record) {
    ZipEntryInfo entry = directory.entry(root + record);
    if (entry == null) {
      throw missing(record);
    }
    FileRegion region = scratch.region(entry);
    new RecordBytes(part(entry), region, entry.crc()).verify();
    return region;
  }

  private static String part(ZipEntryInfo entry) {
    return "zip entry '" + JsonCursor.shortened(entry.name()) + "'";
  }

  private String fact(String record) {
    ZipEntryInfo entry = directory.entry(root + record);
    if (entry == null || entry.size() > LONGEST_FACT) {
      return "";
    }
    FileRegion region = scratch.region(entry);
    new RecordBytes(part(entry), region, entry.crc()).verify();
    byte[] bytes = region.file().bytes(region.offset(), (int) region.length()).array();
    return new String(bytes, StandardCharsets.UTF_8).strip();
  }

  private MalformedFileException missing(String record) {
    return new MalformedFileException(
        Problem.in(file.label()).inside("zip").expected("an entry '" + record + "'").found("none"));
  }

  OpenFile file() {
    return file;
  }

  ZipDirectory directory() {
    return directory;
  }

  /** The unpacked bytes of a record. */
  RecordBytes bytes(ZipEntryInfo entry) {
    return new RecordBytes(part(entry), scratch.region(entry), entry.crc());
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
    return root + MODELS + name + JSON;
  }

  /** The full name of the record of the weights' config. */
  String weightsRecord() {
    return root + WEIGHTS + name + "_weights_config.json";
  }

  /** The full name of the record of a storage. */
  String weightRecord(String path) {
    return root + WEIGHTS + path;
  }

  /** The full name of the record of what was added to a model by its maker. */
  String extraRecord(String extra) {
    return root + "extra/" + extra;
  }

  /** What the file says about itself. */
  Map<String, String> facts() {
    Map<String, String> facts = new LinkedHashMap<>();
    for (String record : List.of("archive_format", "archive_version")) {
      String fact = fact(record);
      if (!fact.isEmpty()) {
        facts.put(record, fact);
      }
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
    String record = root + (isWeight ? WEIGHTS : CONSTANTS) + entry.path();
    RecordBytes storage = storages.get(record);
    if (storage == null) {
      ZipEntryInfo found = directory.entry(record);
      if (found == null) {
        throw missing(record.substring(root.length()));
      }
      storage = bytes(found);
      storages.put(record, storage);
    }
    return view(parameter, meta, storage);
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
    ZipEntryInfo record = directory.entry(weightRecord(entry.path()));
    return record != null && Layout.order(entry.meta(), record.size()) != null;
  }

  private Tensor view(Parameter parameter, TensorMeta meta, RecordBytes storage) {
    long[] sizes = meta.sizes();
    long[] strides = meta.strides().stream().mapToLong(Long::longValue).toArray();
    int bytes = meta.type().bits() / Byte.SIZE;
    long elements = storage.region().length() / bytes;
    try {
      long last = meta.offset();
      long count = 1;
      for (int axis = 0; axis < sizes.length; axis++) {
        count = Math.multiplyExact(count, sizes[axis]);
        long steps = Math.max(0, sizes[axis] - 1);
        last = Math.addExact(last, Math.multiplyExact(steps, strides[axis]));
      }
      if (count > 0 && last >= elements) {
        throw new MalformedFileException(
            problem(parameter)
                .expected("a tensor within the %d elements of its record".formatted(elements))
                .found("one that ends at element " + last)
                .hint("The file is damaged: fetch it again"));
      }
      if (count > elements + Pt2Format.MOST_EXPANDED) {
        throw new TooLargeException(
            problem(parameter)
                .expected("about as many elements as its record has")
                .found(count + " of them"));
      }
      return new StoredTensor(
          meta.type(),
          Shape.of(sizes),
          new StridedSource(storage, meta.offset(), sizes, strides, bytes));
    } catch (ArithmeticException e) {
      throw new MalformedFileException(
          problem(parameter).expected("a size below 2^63").found("a larger one"), e);
    }
  }

  private Problem problem(Parameter parameter) {
    return Problem.in(file.label())
        .inside("parameter '" + JsonCursor.shortened(parameter.fqn()) + "'");
  }
}
