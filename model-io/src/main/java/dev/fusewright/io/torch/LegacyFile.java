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
package dev.fusewright.io.torch;

import dev.fusewright.io.archive.ByteInput;
import dev.fusewright.io.file.FileRegion;
import dev.fusewright.io.file.MalformedFileException;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.torch.PickleValue.BigInt;
import dev.fusewright.io.torch.PickleValue.Bool;
import dev.fusewright.io.torch.PickleValue.Dict;
import dev.fusewright.io.torch.PickleValue.Int;
import dev.fusewright.io.torch.PickleValue.ListValue;
import dev.fusewright.io.torch.PickleValue.None;
import dev.fusewright.io.torch.PickleValue.Text;
import dev.fusewright.io.torch.PickleValue.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The stream that torch wrote up to 1.5: five pickles (magic, protocol, system, value, storage
 * keys), then the storages, each with its number of elements before it.
 */
final class LegacyFile {
  private final OpenFile file;
  private final Map<String, TorchStorage> storages = new LinkedHashMap<>();
  private final List<View> views = new ArrayList<>();
  private final Map<String, TorchStorage> inOrder = new LinkedHashMap<>();
  private final UseCounts uses = new UseCounts();
  private @Nullable PickledStream pickled;

  /** A storage that is a part of another one. */
  private record View(TorchStorage part, TorchStorage whole, long offset) {}

  LegacyFile(OpenFile file) {
    this.file = file;
  }

  /** What the fourth pickle builds, with every storage bound to its bytes. */
  PickleValue read(Map<String, String> facts) {
    ByteInput in = new ByteInput(file.whole());
    long start = in.position();
    if (file.size() < 2 || in.u1() != 0x80) {
      throw TorchReader.notTorch(file);
    }
    in = new ByteInput(file.whole());
    PickleValue magic = next(in);
    if (!(magic instanceof BigInt number && number.value().equals(TorchFormat.LEGACY_MAGIC))) {
      throw new MalformedFileException(
          file.problemAt(start)
              .expected("torch's magic number")
              .found(Descriptions.of(magic))
              .hint("A bare pickle is no checkpoint: save it with torch.save"));
    }
    long protocolAt = in.position();
    if (!(next(in) instanceof Int protocol) || protocol.value() != TorchFormat.LEGACY_PROTOCOL) {
      throw new UnsupportedFormatException(
          file.problemAt(protocolAt)
              .expected("protocol " + TorchFormat.LEGACY_PROTOCOL)
              .found("another"));
    }
    facts.put("protocol", String.valueOf(TorchFormat.LEGACY_PROTOCOL));
    long systemAt = in.position();
    if (next(in) instanceof Dict system && system.get("little_endian") == Bool.FALSE) {
      throw new UnsupportedFormatException(
          file.problemAt(systemAt).expected("little-endian payloads").found("big-endian ones"));
    }
    long rootAt = in.position();
    PickleReader reader = reader(in);
    PickleValue root = reader.read();
    bindAll(in);
    pickled = new PickledStream(file, rootAt, reader.layout(), inOrder, uses);
    return root;
  }

  /** The stream around its pickle; null before {@link #read}. */
  @Nullable PickledFile pickled() {
    return pickled;
  }

  private PickleValue next(ByteInput in) {
    return reader(in).read();
  }

  private PickleReader reader(ByteInput in) {
    return new PickleReader(in, new PickleCalls(), this::persistent);
  }

  private PickleValue persistent(PickleValue id, Problem here) {
    // Whole modules carry their class's source: ('module', class, file, source).
    if (id instanceof Tuple module
        && module.items().size() >= 2
        && module.items().get(0) instanceof Text kind
        && kind.value().equals("module")) {
      return module.items().get(1);
    }
    PersistentId storage = PersistentId.of(id, here);
    if (storage.elements() < 0 || storage.elements() > file.size() / storage.type().bytes()) {
      throw new MalformedFileException(
          here.expected("a storage within the file's %d bytes".formatted(file.size()))
              .found(storage.elements() + " elements of " + storage.type()));
    }
    TorchStorage whole = storages.get(storage.key());
    if (whole == null) {
      whole =
          new TorchStorage(storage.key(), storage.type(), storage.location(), storage.elements());
      storages.put(storage.key(), whole);
    } else if (whole.type() != storage.type() || whole.elements() != storage.elements()) {
      throw new MalformedFileException(
          here.expected(
                  "storage '%s' to be what it was before"
                      .formatted(Descriptions.shortened(storage.key())))
              .found(storage.elements() + " elements of " + storage.type()));
    }
    List<PickleValue> parts = ((Tuple) id).items();
    boolean view = parts.size() > 5 && !(parts.get(5) instanceof None);
    uses.used(whole);
    return new PickleValue.StorageRef(view ? view(whole, parts.get(5), here) : whole);
  }

  /** {@code (key of the view, offset, elements)}. */
  private TorchStorage view(TorchStorage whole, PickleValue description, Problem here) {
    if (description instanceof Tuple tuple
        && tuple.items().size() == 3
        && tuple.items().get(0) instanceof Text key
        && tuple.items().get(1) instanceof Int offset
        && tuple.items().get(2) instanceof Int elements
        && offset.value() >= 0
        && elements.value() >= 0
        && offset.value() <= whole.elements() - elements.value()) {
      TorchStorage part =
          new TorchStorage(key.value(), whole.type(), whole.location(), elements.value());
      views.add(new View(part, whole, offset.value()));
      return part;
    }
    throw new MalformedFileException(
        here.expected("a view (key, offset, elements) within its storage")
            .found(Descriptions.of(description)));
  }

  private void bindAll(ByteInput in) {
    long keysAt = in.position();
    if (!(next(in) instanceof ListValue keys)) {
      throw new MalformedFileException(
          file.problemAt(keysAt).expected("a list of storage keys").found("other"));
    }
    long at = in.position();
    Map<String, Long> bound = new HashMap<>();
    for (PickleValue item : keys.items()) {
      if (!(item instanceof Text key) || bound.put(key.value(), at) != null) {
        throw new MalformedFileException(
            file.problemAt(keysAt)
                .expected("storage keys that occur once")
                .found(Descriptions.of(item)));
      }
      at = bind(key.value(), at);
    }
    for (TorchStorage storage : storages.values()) {
      if (!storage.isBound()) {
        throw new MalformedFileException(
            file.problemAt(keysAt)
                .expected("storage '" + Descriptions.shortened(storage.key()) + "' among the keys")
                .found("none"));
      }
    }
    for (View view : views) {
      long bytes = view.part().type().bytes();
      FileRegion region =
          view.whole().region().slice(view.offset() * bytes, view.part().byteCount());
      view.part().bind(region, OptionalLong.empty());
    }
  }

  /** Binds the storage whose count stands at {@code at}; returns where the next one begins. */
  private long bind(String key, long at) {
    TorchStorage storage = storages.get(key);
    if (storage == null) {
      throw new MalformedFileException(
          file.problemAt(at)
              .inside("storage '" + Descriptions.shortened(key) + "'")
              .expected("a storage that the pickle names")
              .found("another"));
    }
    Problem problem = file.problemAt(at).inside("storage '" + Descriptions.shortened(key) + "'");
    long left = file.size() - at - Long.BYTES;
    if (left < storage.byteCount()) {
      throw new MalformedFileException(
          problem
              .expected(storage.byteCount() + " bytes")
              .found(Math.max(0, left) + " before the end of the file")
              .hint("The file is cut short: fetch it again"));
    }
    long elements = file.bytes(at, Long.BYTES).getLong();
    if (elements != storage.elements()) {
      throw new MalformedFileException(
          problem
              .expected(storage.elements() + " elements, as the pickle says")
              .found(elements + ""));
    }
    storage.bind(new FileRegion(file, at + Long.BYTES, storage.byteCount()), OptionalLong.empty());
    inOrder.put(key, storage);
    return at + Long.BYTES + storage.byteCount();
  }
}
