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
package dev.fusewright.io.torchscript;

import dev.fusewright.core.tensor.ElementType;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.io.archive.ArchiveFolder;
import dev.fusewright.io.archive.RecordBytes;
import dev.fusewright.io.archive.StoredViews;
import dev.fusewright.io.archive.ZipDirectory;
import dev.fusewright.io.archive.ZipEntryInfo;
import dev.fusewright.io.archive.ZipScratch;
import dev.fusewright.io.file.FileRegion;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.TooLargeException;
import dev.fusewright.io.json.JsonCursor;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The records of an archive: its objects, constants and code, and the storages they name. */
final class ScriptArchive {
  static final String DATA = "data/";
  static final String CONSTANTS = "constants/";
  static final String CODE = "code/";
  private static final String OBJECTS = "data.pkl";
  private static final String CONSTANT_VALUES = "constants.pkl";
  private static final String EXAMPLES = "traced_inputs.pkl";
  private static final String PYTHON = ".py";
  private static final Pattern MODULE = Pattern.compile("__torch__(?:\\.[A-Za-z0-9_]++)*+");

  private final OpenFile file;
  private final ArchiveFolder folder;
  private final Path path;
  private final Pickled objects;
  private final List<Pickled> constants;
  private final @Nullable Pickled constantValues;
  private final @Nullable Pickled examples;
  private final Map<String, CodeFile> files = new LinkedHashMap<>();
  private final Map<String, CodeFile.PlacedClass> classes = new HashMap<>();
  private final Map<String, CodeFile.PlacedFunction> functions = new HashMap<>();

  ScriptArchive(Path path, OpenFile file, ZipScratch scratch) {
    this.path = path;
    this.file = file;
    ZipDirectory directory = new ZipDirectory(file);
    ScriptRefusals.check(path, directory);
    this.folder =
        new ArchiveFolder(file, directory, scratch, ArchiveFolder.rootOf(file, directory, OBJECTS));
    folder.requireLittleEndian();
    this.objects = pickle(OBJECTS, folder.needed(OBJECTS));
    ZipEntryInfo values = folder.find(CONSTANT_VALUES);
    this.constantValues = values == null ? null : pickle(CONSTANT_VALUES, values);
    this.constants = constantValues instanceof Pickled.Tuple tuple ? tuple.items() : List.of();
    ZipEntryInfo inputs = folder.find(EXAMPLES);
    this.examples = inputs == null ? null : pickle(EXAMPLES, inputs);
    code();
    ScriptRefusals.check(path, files.values());
  }

  private ScriptArchive(
      ScriptArchive original, Pickled objects, List<Pickled> constants, Map<String, String> code) {
    this.path = original.path;
    this.file = original.file;
    this.folder = original.folder;
    this.objects = objects;
    this.constants = constants;
    this.constantValues = original.constantValues;
    this.examples = original.examples;
    Map<String, String> texts = new LinkedHashMap<>();
    original.files.forEach((record, one) -> texts.put(record, one.text()));
    texts.putAll(code);
    texts.forEach((record, text) -> define(record, text));
    ScriptRefusals.check(path, files.values());
  }

  /**
   * The archive with other objects, constants and code, to be looked at.
   *
   * @param code of the records that change, or that are new
   */
  ScriptArchive edited(Pickled other, List<Pickled> otherConstants, Map<String, String> code) {
    return new ScriptArchive(this, other, otherConstants, code);
  }

  private Pickled pickle(String part, ZipEntryInfo entry) {
    Pickled root = PickleParser.parse(folder.text(entry), part, TorchScriptFormat.mostHeap());
    try {
      PickleEmitter.emit(root, new IdentityHashMap<>());
    } catch (PickleEmitter.TooDeepException e) {
      throw new TooLargeException(
          Problem.in(file.label())
              .inside(part)
              .expected("values nested at most %d deep".formatted(PickleEmitter.DEEPEST))
              .found("deeper ones"));
    }
    return root;
  }

  private void code() {
    long total = 0;
    for (ZipEntryInfo entry : folder.entries()) {
      String name = entry.name();
      if (!name.startsWith(folder.root() + CODE) || !name.endsWith(PYTHON)) {
        continue;
      }
      total += entry.size();
      if (total > TorchScriptFormat.MOST_CODE) {
        throw new TooLargeException(
            Problem.in(file.label())
                .inside("code")
                .expected("at most " + (TorchScriptFormat.MOST_CODE >> 20) + " MB of code")
                .found("more"));
      }
      FileRegion region = folder.text(entry);
      byte[] bytes = region.file().bytes(region.offset(), (int) region.length()).array();
      String text = decoded(entry, bytes);
      define(name, text);
    }
  }

  private void define(String record, String text) {
    String module =
        record
            .substring((folder.root() + CODE).length(), record.length() - PYTHON.length())
            .replace('/', '.');
    if (MODULE.matcher(module).matches()) { // Nobody can name what stands elsewhere.
      define(new CodeFile(record, module, text, CodeParser.parse(text)));
    }
  }

  private static String decoded(ZipEntryInfo entry, byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new MalformedFileException(
          entry
              .packed()
              .file()
              .problemAt(entry.packed().offset())
              .inside(ArchiveFolder.part(entry))
              .expected("UTF-8 text")
              .found("other bytes"),
          e);
    }
  }

  private void define(CodeFile code) {
    files.put(code.record(), code);
    for (ClassText text : code.parsed().classes()) {
      defineOnce(
          classes.put(code.module() + "." + text.name(), new CodeFile.PlacedClass(code, text)),
          text.name());
    }
    for (Definition function : code.parsed().functions()) {
      defineOnce(
          functions.put(
              code.module() + "." + function.name(), new CodeFile.PlacedFunction(code, function)),
          function.name());
    }
  }

  private void defineOnce(@Nullable Object before, String name) {
    if (before != null) {
      throw new MalformedFileException(
          Problem.in(file.label())
              .inside("code")
              .expected("names that are defined once")
              .found("'" + JsonCursor.shortened(name) + "' twice"));
    }
  }

  OpenFile file() {
    return file;
  }

  ArchiveFolder folder() {
    return folder;
  }

  /** The root object. */
  Pickled objects() {
    return objects;
  }

  /** The constants of the code, by number. */
  List<Pickled> constants() {
    return constants;
  }

  /** The value that holds the constants; null if there are none. */
  @Nullable Pickled constantValues() {
    return constantValues;
  }

  /** What the model was traced with; null if nobody kept it. */
  @Nullable Pickled examples() {
    return examples;
  }

  Map<String, CodeFile> files() {
    return files;
  }

  Map<String, CodeFile.PlacedClass> classes() {
    return classes;
  }

  Map<String, CodeFile.PlacedFunction> functions() {
    return functions;
  }

  String objectsRecord() {
    return folder.root() + OBJECTS;
  }

  String constantsRecord() {
    return folder.root() + CONSTANT_VALUES;
  }

  /** The full name of the record of a storage. */
  String storageRecord(String place, String key) {
    return folder.root() + place + key;
  }

  /** What the file says about itself. */
  Map<String, String> facts() {
    return folder.facts(List.of("version", ".data/version", "byteorder"));
  }

  /** The values of a tensor; null if they are not plainly stored. */
  @Nullable Tensor tensor(String name, ScriptTensor tensor) {
    ElementType type = tensor.type().elementType().orElse(ElementType.UNDEFINED);
    if (type == ElementType.UNDEFINED) {
      return null;
    }
    return StoredViews.of(
        problem(name),
        type,
        storage(name, tensor),
        tensor.elements(),
        tensor.offset(),
        tensor.sizes().stream().mapToLong(Long::longValue).toArray(),
        tensor.strides().stream().mapToLong(Long::longValue).toArray());
  }

  private RecordBytes storage(String name, ScriptTensor tensor) {
    RecordBytes storage = folder.storage(tensor.folder() + tensor.key());
    long bytes = storage.region().length();
    if (tensor.elements() > bytes || tensor.elements() * tensor.type().bytes() != bytes) {
      throw new MalformedFileException(
          problem(name)
              .expected("a storage of " + tensor.elements() + " elements")
              .found(bytes + " bytes in the archive")
              .hint("The file is damaged: fetch it again"));
    }
    return storage;
  }

  private Problem problem(String name) {
    return Problem.in(file.label()).inside("tensor '" + JsonCursor.shortened(name) + "'");
  }
}
