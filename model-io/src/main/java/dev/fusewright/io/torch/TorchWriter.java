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

import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StateEntry;
import dev.fusewright.core.tensor.Shape;
import dev.fusewright.core.tensor.StoredTensor;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.io.archive.RecordBytes;
import dev.fusewright.io.archive.ZipOutput;
import dev.fusewright.io.aten.TorchType;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.UnsupportedFormatException;
import dev.fusewright.io.format.ElementCensus;
import dev.fusewright.io.format.ExtraEntry;
import dev.fusewright.io.format.NestedState.Origin;
import dev.fusewright.io.format.RewrittenTensor;
import dev.fusewright.io.format.StatePath;
import dev.fusewright.io.format.WriteSummary;
import dev.fusewright.io.torch.PickleValue.Bool;
import dev.fusewright.io.torch.PickleValue.Call;
import dev.fusewright.io.torch.PickleValue.Dict;
import dev.fusewright.io.torch.PickleValue.Global;
import dev.fusewright.io.torch.PickleValue.Int;
import dev.fusewright.io.torch.PickleValue.StorageRef;
import dev.fusewright.io.torch.PickleValue.TensorRef;
import dev.fusewright.io.torch.PickleValue.Text;
import dev.fusewright.io.torch.PickleValue.Tuple;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes zip checkpoints that {@code torch.load(weights_only=True)} takes, from torch 1.13 on for a
 * plain state dict.
 *
 * <p>Tensors that nobody edited keep their storage, shared ones their sharing, and storages are
 * copied from file to file with their checksums. Edited ones are streamed. The same input gives the
 * same bytes.
 */
final class TorchWriter {
  private static final String FOLDER = "archive/";
  private static final String METADATA = "_metadata";
  private static final String EXTRA_STATE = "_extra_state";
  private static final String CPU = "cpu";

  private final IdentityHashMap<TorchStorage, Computed> computed = new IdentityHashMap<>();
  private final IdentityHashMap<Tensor, TensorRef> fresh = new IdentityHashMap<>();
  private final List<ExtraEntry> dropped = new ArrayList<>();
  private final OpaqueCopier extras = new OpaqueCopier(new IdentityHashMap<>());
  private String location = CPU;
  private final List<RewrittenTensor> rewritten = new ArrayList<>();

  /** A tensor that somebody edited, and where it was first met. */
  private record Computed(StatePath state, String name, Tensor tensor) {}

  private final String source;

  private TorchWriter(Path source) {
    this.source = source.toString();
  }

  /**
   * Writes a checkpoint anew, with some of its state dicts replaced.
   *
   * @param original still open
   * @param edited by the path of the state dict it replaces; the others are written as they were
   * @param target created, or replaced; another file than the original. It is removed if writing
   *     fails
   * @throws UnsupportedFormatException if an element type or the nest itself cannot be written
   */
  static WriteSummary write(TorchCheckpoint original, Map<StatePath, StateDict> edited, Path target)
      throws IOException {
    return new TorchWriter(original.path()).writeAnew(original, edited, target);
  }

  private WriteSummary writeAnew(
      TorchCheckpoint original, Map<StatePath, StateDict> edited, Path target) throws IOException {
    PickleValue root = edit(original, edited);
    PickleWriter pickle = new PickleWriter();
    byte[] pickled = pickle.write(root);
    if (Files.exists(target) && Files.isSameFile(original.path(), target)) {
      throw new IllegalArgumentException("a checkpoint is not written over itself: " + target);
    }
    boolean complete = false;
    try (FileChannel channel =
        FileChannel.open(
            target,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ZipOutput zip = new ZipOutput(channel);
      zip.bytes(FOLDER + "data.pkl", pickled);
      zip.bytes(FOLDER + "byteorder", "little".getBytes(StandardCharsets.UTF_8));
      long copied = 0;
      for (Map.Entry<TorchStorage, String> entry : pickle.storages().entrySet()) {
        copied += payload(zip, FOLDER + "data/" + entry.getValue(), entry.getKey());
      }
      zip.bytes(FOLDER + "version", TorchFormat.ARCHIVE_VERSION.getBytes(StandardCharsets.UTF_8));
      zip.finish();
      complete = true;
      return new WriteSummary(channel.position(), copied, rewritten, List.of(), dropped);
    } catch (TensorReadException e) {
      throw RecordBytes.unwrapped(e);
    } finally {
      if (!complete) {
        Files.deleteIfExists(target);
      }
    }
  }

  private long payload(ZipOutput zip, String name, TorchStorage storage) throws IOException {
    Computed made = computed.get(storage);
    if (made != null) {
      ElementCensus census = new ElementCensus(made.tensor().type());
      zip.tensor(name, made.tensor(), census);
      rewritten.add(
          RewrittenTensor.of(made.state().toString(), made.name(), made.tensor(), census));
      return 0;
    }
    zip.region(name, storage.region(), storage.checksum());
    return storage.region().length();
  }

  // ------------------------------------------------------------ the new object

  private PickleValue edit(TorchCheckpoint original, Map<StatePath, StateDict> edited) {
    IdentityHashMap<PickleValue, PickleValue> replacements = new IdentityHashMap<>();
    int replaced = 0;
    for (StateSearch.Found found : original.found()) {
      StateDict state = edited.get(found.nested().path());
      replaced += state == null ? 0 : 1;
      replacements.put(found.holder(), dict(found, state == null ? found.nested().state() : state));
    }
    if (replaced != edited.size()) {
      throw new IllegalArgumentException("no state dicts at all of " + edited.keySet());
    }
    OpaqueCopier carriage = new OpaqueCopier(replacements);
    PickleValue root = carriage.carry(original.root(), StatePath.ROOT);
    dropped.addAll(carriage.dropped());
    dropped.addAll(extras.dropped());
    if (root != null) {
      return root;
    }
    dropped.add(
        new ExtraEntry(
            StatePath.ROOT, Descriptions.of(original.root()), ExtraEntry.Disposition.DROPPED));
    if (replacements.size() == 1) {
      return replacements.values().iterator().next();
    }
    throw new UnsupportedFormatException(
        Problem.in(original.path())
            .expected("state dicts in plain dicts and lists")
            .found(Descriptions.of(original.root()))
            .hint("Save each state dict in a file of its own"));
  }

  private Dict dict(StateSearch.Found found, StateDict state) {
    location = locationOf(found.nested().state());
    Dict before = found.holder() instanceof Dict dict ? dict : withMetadata(found.holder());
    boolean plain =
        before.kind() == Dict.Kind.PLAIN
            && state.versions().isEmpty()
            && found.nested().origin() == Origin.STATE_DICT;
    Dict after = new Dict(plain ? Dict.Kind.PLAIN : Dict.Kind.ORDERED);
    state
        .entries()
        .forEach(
            (name, entry) -> {
              StatePath place = found.nested().path();
              StatePath path = place.key(name);
              PickleValue value = value(place, name, entry);
              if (value == null) {
                refuseLoss(path, name, entry);
                dropped.add(new ExtraEntry(path, describe(entry), ExtraEntry.Disposition.DROPPED));
              } else {
                after.put(new Text(name), value);
              }
            });
    if (!plain) {
      attributes(before, state, found.nested().path(), after);
    }
    return after;
  }

  /** An empty dict with what an object that is to be written as one says of the modules. */
  private static Dict withMetadata(PickleValue holder) {
    Dict dict = new Dict(Dict.Kind.ORDERED);
    if (StateSearch.attributes(holder) instanceof Dict attributes
        && attributes.get(METADATA) instanceof Dict metadata) {
      Dict kept = new Dict(Dict.Kind.PLAIN);
      kept.put(new Text(METADATA), metadata);
      dict.attributes(kept);
    }
    return dict;
  }

  /** A parameter that cannot be written again is never left out: the model would miss it. */
  private void refuseLoss(StatePath path, String name, StateEntry entry) {
    if (!(entry instanceof OpaqueValue carried) || name.endsWith(EXTRA_STATE)) {
      return;
    }
    PickleValue value = carried.value();
    if (Descriptions.isArray(value)) {
      throw new UnsupportedFormatException(
          Problem.in(source)
              .inside(path.toString())
              .expected("tensors among the parameters")
              .found("a NumPy array")
              .hint("Make it a tensor with torch.from_numpy and save the file again"));
    }
    if (value instanceof TensorRef || (value instanceof Call call && isTensor(call))) {
      throw new UnsupportedFormatException(
          Problem.in(source)
              .inside(path.toString())
              .expected("tensors that torch's own loader of weights rebuilds")
              .found("a " + carried.description())
              .hint("Make it a plain tensor and save the file again"));
    }
  }

  private static boolean isTensor(Call call) {
    return call.function().name().startsWith("_rebuild")
        || call.arguments().items().stream()
            .anyMatch(part -> part instanceof TensorRef || part instanceof StorageRef);
  }

  private static String describe(StateEntry entry) {
    return entry instanceof StateEntry.Opaque carried ? carried.description() : "tensor";
  }

  /** Keeps what a module's metadata says beside its version. */
  private void attributes(Dict before, StateDict state, StatePath path, Dict after) {
    Dict old = before.attributes() instanceof Dict dict ? dict : new Dict(Dict.Kind.PLAIN);
    Dict attributes = new Dict(Dict.Kind.PLAIN);
    for (Dict.Item item : old.items()) {
      PickleValue carried = extras.carry(item.value(), path);
      boolean metadata = item.key() instanceof Text key && key.value().equals(METADATA);
      if (carried != null && !metadata) {
        attributes.put(item.key(), carried);
      }
    }
    if (!state.versions().isEmpty()) {
      Dict oldFacts = old.get(METADATA) instanceof Dict facts ? facts : new Dict(Dict.Kind.ORDERED);
      attributes.put(new Text(METADATA), metadata(oldFacts, state.versions(), path));
    }
    if (attributes.size() > 0) {
      after.attributes(attributes);
    }
  }

  private Dict metadata(Dict old, Map<String, Long> versions, StatePath path) {
    Dict metadata = new Dict(Dict.Kind.ORDERED);
    versions.forEach(
        (module, version) -> {
          Dict facts = new Dict(Dict.Kind.PLAIN);
          facts.put(new Text("version"), new Int(version));
          if (old.get(module) instanceof Dict before) {
            for (Dict.Item item : before.items()) {
              PickleValue carried = extras.carry(item.value(), path);
              boolean isVersion = item.key() instanceof Text key && key.value().equals("version");
              if (carried != null && !isVersion) {
                facts.put(item.key(), carried);
              }
            }
          }
          metadata.put(new Text(module), facts);
        });
    return metadata;
  }

  private static String locationOf(StateDict state) {
    for (Tensor tensor : state.tensors().values()) {
      if (tensor instanceof StoredTensor stored && stored.source() instanceof StridedView view) {
        return view.tensor().storage().location();
      }
    }
    return CPU;
  }

  private @Nullable PickleValue value(StatePath state, String name, StateEntry entry) {
    if (entry instanceof StateEntry.Parameter parameter) {
      return tensor(state, name, parameter.tensor());
    }
    if (entry instanceof OpaqueValue carried) {
      return extras.carry(carried.value(), state.key(name));
    }
    throw new IllegalArgumentException(state.key(name) + " was carried from another format");
  }

  private PickleValue tensor(StatePath state, String name, Tensor tensor) {
    if (tensor instanceof StoredTensor stored
        && stored.source() instanceof StridedView view
        && stored.equals(parameterOf(view))) {
      PickleValue carried = extras.carry(new TensorRef(view.tensor()), state.key(name));
      return carried == null
          ? new TensorRef(view.tensor().wrappedBy(plainCall(view.tensor())))
          : carried;
    }
    return fresh.computeIfAbsent(tensor, edited -> freshTensor(new Computed(state, name, edited)));
  }

  /** The tensor as reading gave it, if nobody retyped or reshaped it since. */
  private static Object parameterOf(StridedView view) {
    return view.tensor()
        .type()
        .elementType()
        .<Object>map(type -> new StoredTensor(type, Shape.of(view.tensor().sizes()), view))
        .orElse(view);
  }

  private TensorRef freshTensor(Computed made) {
    Tensor tensor = made.tensor();
    TorchType type =
        TorchType.of(tensor.type())
            .filter(known -> !known.storageClass().isEmpty())
            .orElseThrow(
                () ->
                    new UnsupportedFormatException(
                        Problem.in(made.state().key(made.name()).toString())
                            .expected("an element type that torch stores")
                            .found(tensor.type().text())));
    long elements = tensor.shape().elementCount();
    TorchStorage storage = new TorchStorage("", type, location, elements);
    computed.put(storage, made);
    TorchTensor view = TorchTensor.contiguous(storage, tensor.shape());
    return new TensorRef(view.wrappedBy(plainCall(view)));
  }

  private static Call plainCall(TorchTensor tensor) {
    return new Call(
        new Global("torch._utils", "_rebuild_tensor_v2"),
        new Tuple(
            List.of(
                new StorageRef(tensor.storage()),
                new Int(tensor.offset()),
                tuple(tensor.sizes()),
                tuple(tensor.strides()),
                Bool.FALSE,
                new Dict(Dict.Kind.ORDERED))));
  }

  private static Tuple tuple(long[] values) {
    List<PickleValue> items = new ArrayList<>(values.length);
    for (long value : values) {
      items.add(new Int(value));
    }
    return new Tuple(items);
  }
}
