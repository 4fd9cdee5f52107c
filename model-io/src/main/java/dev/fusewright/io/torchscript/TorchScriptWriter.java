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

import dev.fusewright.core.graph.Graph;
import dev.fusewright.core.graph.Initializer;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.graph.Node;
import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.io.archive.RecordBytes;
import dev.fusewright.io.archive.ZipEntryInfo;
import dev.fusewright.io.archive.ZipOutput;
import dev.fusewright.io.format.ElementCensus;
import dev.fusewright.io.format.Fit;
import dev.fusewright.io.format.GraphCheckpoint;
import dev.fusewright.io.format.RewrittenTensor;
import dev.fusewright.io.format.WriteSummary;
import dev.fusewright.io.json.JsonText;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Writes an archive again, some of its operators and parameters changed: records that nobody edited
 * are copied, their checksums verified.
 */
final class TorchScriptWriter {
  private static final String PROVENANCE = "fusewright.json";
  private static final String SCOPE = "program";
  private static final String RANGES = ".debug_pkl";

  private final TorchScriptCheckpoint original;
  private final ScriptArchive archive;
  private final List<RewrittenTensor> reports = new ArrayList<>();
  private long copied;

  TorchScriptWriter(TorchScriptCheckpoint original) {
    this.original = original;
    this.archive = original.archive().archive();
  }

  WriteSummary write(ModelGraph edited, Map<String, String> metadata, Path target)
      throws IOException {
    if (Files.exists(target) && Files.isSameFile(original.path(), target)) {
      throw new IllegalArgumentException("an archive is not written over itself: " + target);
    }
    Fit fit = original.fit(edited);
    if (!fit.misfits().isEmpty()) {
      throw new IllegalArgumentException(
          fit.misfits().stream().map(Fit.Misfit::sentence).collect(Collectors.joining("; ")));
    }
    boolean isSame = isSame(fit.graph().graph());
    if (isSame && metadata.isEmpty()) {
      return copy(target);
    }
    boolean complete = false;
    try (FileChannel channel = created(target)) {
      ScriptEdit edit = ScriptEdit.of(original.archive(), original.lowered(), fit.graph());
      records(edit, metadata, new ZipOutput(channel));
      long bytes = channel.position();
      requireReadBack(fit.graph().graph(), target);
      complete = true;
      return new WriteSummary(bytes, copied, reports, List.of(), List.of());
    } catch (TensorReadException e) {
      throw RecordBytes.unwrapped(e);
    } finally {
      if (!complete) {
        Files.deleteIfExists(target);
      }
    }
  }

  private static FileChannel created(Path target) throws IOException {
    return FileChannel.open(
        target,
        StandardOpenOption.CREATE,
        StandardOpenOption.WRITE,
        StandardOpenOption.TRUNCATE_EXISTING);
  }

  private boolean isSame(Graph graph) {
    Graph before = original.lowered().graph().graph();
    return graph.nodes().equals(before.nodes()) && tensors(graph).equals(tensors(before));
  }

  private static Map<String, Tensor> tensors(Graph graph) {
    Map<String, Tensor> tensors = new HashMap<>();
    graph.initializers().forEach(one -> tensors.put(one.name(), one.tensor()));
    return tensors;
  }

  private WriteSummary copy(Path target) throws IOException {
    try (FileChannel channel = created(target)) {
      archive.file().whole().transferTo(channel);
    }
    long size = archive.file().size();
    return new WriteSummary(size, size, List.of(), List.of(), List.of());
  }

  // ------------------------------------------------------------ records

  private void records(ScriptEdit edit, Map<String, String> metadata, ZipOutput zip)
      throws IOException {
    Map<String, String> files = edit.files();
    Pickled objects = edit.objectsEdit().rebuilt(archive.objects());
    byte[] pickle = PickleEmitter.emit(archive.objects(), edit.objectsEdit().replaced());
    Set<String> dropped = dropped(edit, objects);
    String extra = archive.extraRecord(PROVENANCE);
    String lastData = last(ScriptArchive.DATA, archive.objectsRecord());
    String lastConstant = last(ScriptArchive.CONSTANTS, archive.constantsRecord());
    for (ZipEntryInfo entry : archive.directory().entries()) {
      String name = entry.name();
      String text = files.get(name);
      if (name.equals(archive.objectsRecord())) {
        zip.bytes(name, pickle);
      } else if (name.equals(archive.constantsRecord()) && edit.changesConstants()) {
        zip.bytes(name, constants(edit));
      } else if (text != null) {
        zip.bytes(name, text.getBytes(StandardCharsets.UTF_8));
      } else if (!dropped.contains(name) && (metadata.isEmpty() || !name.equals(extra))) {
        copy(zip, entry);
      }
      for (Map.Entry<String, String> added : files.entrySet()) {
        boolean isNew = archive.directory().entry(added.getKey()) == null;
        if (isNew && edit.originOf(added.getKey()).equals(name)) {
          zip.bytes(added.getKey(), added.getValue().getBytes(StandardCharsets.UTF_8));
        }
      }
      for (Map.Entry<String, Tensor> storage : edit.storages().entrySet()) {
        boolean isConstant = storage.getKey().startsWith(ScriptArchive.CONSTANTS);
        if (name.equals(isConstant ? lastConstant : lastData)) {
          tensor(zip, edit, storage.getKey(), storage.getValue());
        }
      }
    }
    if (!metadata.isEmpty()) {
      zip.bytes(extra, provenance(metadata));
    }
    zip.finish();
  }

  private void copy(ZipOutput zip, ZipEntryInfo entry) throws IOException {
    RecordBytes bytes = archive.bytes(entry);
    bytes.verify();
    zip.region(entry.name(), bytes.region(), entry.crc());
    copied += bytes.region().length();
  }

  /** The last record of a folder, or the one beside which its first stands. */
  private String last(String folder, String beside) {
    String last = beside;
    for (ZipEntryInfo entry : archive.directory().entries()) {
      if (entry.name().startsWith(archive.root() + folder)) {
        last = entry.name();
      }
    }
    return last;
  }

  private static byte[] constants(ScriptEdit edit) {
    List<Pickled> items = edit.constantsAfter();
    Pickled.Filling filling =
        items.isEmpty()
            ? Pickled.Filling.NONE
            : items.size() <= 3 ? Pickled.Filling.COUNTED : Pickled.Filling.MARKED;
    return PickleEmitter.emit(new Pickled.Tuple(items, filling), new IdentityHashMap<>());
  }

  private void tensor(ZipOutput zip, ScriptEdit edit, String record, Tensor tensor)
      throws IOException {
    ElementCensus census = new ElementCensus(tensor.type());
    zip.tensor(archive.root() + record, tensor, census);
    reports.add(RewrittenTensor.of(SCOPE, edit.parameterOf(record), tensor, census));
  }

  /** Storages that nobody names any more, and source ranges of code that changed. */
  private Set<String> dropped(ScriptEdit edit, Pickled objects) {
    Set<String> before = new HashSet<>();
    storages(archive.objects(), ScriptArchive.DATA, before);
    archive.constants().forEach(one -> storages(one, ScriptArchive.CONSTANTS, before));
    Set<String> after = new HashSet<>();
    storages(objects, ScriptArchive.DATA, after);
    edit.constantsAfter().forEach(one -> storages(one, ScriptArchive.CONSTANTS, after));
    before.removeAll(after);
    edit.files().keySet().forEach(record -> before.add(record + RANGES));
    return before;
  }

  private void storages(Pickled root, String folder, Set<String> found) {
    List<Pickled> open = new ArrayList<>(List.of(root));
    Set<Pickled> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    while (!open.isEmpty()) {
      Pickled next = open.remove(open.size() - 1);
      if (!seen.add(next)) {
        continue;
      }
      if (next instanceof Pickled.Tuple tuple) {
        open.addAll(tuple.items());
      } else if (next instanceof Pickled.Sequence list) {
        open.addAll(list.items());
      } else if (next instanceof Pickled.Mapping map) {
        map.entries().forEach(entry -> open.addAll(List.of(entry.key(), entry.value())));
      } else if (next instanceof Pickled.Instance object) {
        open.add(object.arguments());
        Pickled state = object.state();
        if (state != null) {
          open.add(state);
        }
      } else if (next instanceof Pickled.Reduced call) {
        open.add(call.arguments());
      } else if (next instanceof Pickled.Persistent outside
          && outside.id() instanceof Pickled.Tuple id
          && id.items().size() > 2
          && id.items().get(2) instanceof Pickled.Text key) {
        found.add(archive.storageRecord(folder, key.value()));
      }
    }
  }

  private static byte[] provenance(Map<String, String> metadata) {
    return new TreeMap<>(metadata)
        .entrySet().stream()
            .map(
                entry -> JsonText.quoted(entry.getKey()) + ": " + JsonText.quoted(entry.getValue()))
            .collect(Collectors.joining(", ", "{", "}"))
            .getBytes(StandardCharsets.UTF_8);
  }

  // ------------------------------------------------------------ proof

  /** Reads what was written, and holds it against what was meant, operator by operator. */
  private static void requireReadBack(Graph meant, Path target) {
    try (GraphCheckpoint written = new TorchScriptFormat().open(target)) {
      Graph read = written.graph().graph();
      Map<String, String> same = new HashMap<>();
      Map<String, Initializer> expected = initializers(meant);
      Map<String, Initializer> found = initializers(read);
      boolean isSame = read.nodes().size() == meant.nodes().size();
      for (int i = 0; isSame && i < meant.nodes().size(); i++) {
        Node one = meant.nodes().get(i);
        Node other = read.nodes().get(i);
        isSame =
            one.op().equals(other.op())
                && one.inputs().size() == other.inputs().size()
                && one.outputs().size() == other.outputs().size()
                && withoutPlace(one).equals(withoutPlace(other));
        for (int input = 0; isSame && input < one.inputs().size(); input++) {
          isSame = isSame(one.input(input), other.input(input), same, expected, found);
        }
        for (int output = 0; isSame && output < one.outputs().size(); output++) {
          same.put(one.outputs().get(output), other.outputs().get(output));
        }
      }
      if (!isSame) {
        throw new IllegalStateException(
            "what was written does not read back as the graph that was meant; please report it");
      }
    }
  }

  /** Names may be others, as long as each stands for one and the same value. */
  private static boolean isSame(
      String one,
      String other,
      Map<String, String> same,
      Map<String, Initializer> expected,
      Map<String, Initializer> found) {
    Initializer first = expected.get(one);
    Initializer second = found.get(other);
    if (first != null && second != null) {
      return first.tensor().type() == second.tensor().type()
          && first.tensor().shape().equals(second.tensor().shape())
          && other.equals(same.computeIfAbsent(one, key -> other));
    }
    return first == null && second == null && other.equals(same.computeIfAbsent(one, key -> other));
  }

  private static Map<String, Initializer> initializers(Graph graph) {
    Map<String, Initializer> all = new HashMap<>();
    graph.initializers().forEach(one -> all.put(one.name(), one));
    return all;
  }

  /** Attributes but for what says where a node stood. */
  private static Object withoutPlace(Node node) {
    return node.withoutAttribute("position").attributes();
  }
}
