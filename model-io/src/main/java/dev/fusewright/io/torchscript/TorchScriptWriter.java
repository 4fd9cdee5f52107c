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
import dev.fusewright.io.archive.ZipEntryInfo;
import dev.fusewright.io.format.Fit;
import dev.fusewright.io.programs.ProgramWriter;
import dev.fusewright.io.programs.RewrittenRecords;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes an archive again, some of its operators and parameters changed: records that nobody edited
 * are copied, their checksums verified.
 */
final class TorchScriptWriter extends ProgramWriter {
  private static final String RANGES = ".debug_pkl";

  private final TorchScriptCheckpoint original;
  private final ScriptArchive archive;
  private @Nullable ScriptEdit edit;

  TorchScriptWriter(TorchScriptCheckpoint original) {
    super(original, original.archive().archive().folder(), "an archive");
    this.original = original;
    this.archive = original.archive().archive();
  }

  /** The edit is made once, whether it fits and for what is written. */
  @Override
  protected Fit fit(ModelGraph edited) {
    TorchScriptCheckpoint.Edited made = original.edit(edited);
    edit = made.edit();
    return made.fit();
  }

  @Override
  protected boolean isSame(Graph graph) {
    Graph before = original.lowered().graph().graph();
    return graph.nodes().equals(before.nodes()) && tensors(graph).equals(tensors(before));
  }

  private static Map<String, Tensor> tensors(Graph graph) {
    Map<String, Tensor> tensors = new HashMap<>();
    graph.initializers().forEach(one -> tensors.put(one.name(), one.tensor()));
    return tensors;
  }

  // ------------------------------------------------------------ records

  @Override
  protected void records(Graph graph, RewrittenRecords out) throws IOException {
    records(Objects.requireNonNull(edit, "the graph fits"), out);
  }

  private void records(ScriptEdit edit, RewrittenRecords out) throws IOException {
    Map<String, String> files = edit.files();
    Pickled objects = edit.objectsEdit().rebuilt(archive.objects());
    byte[] pickle = PickleEmitter.emit(archive.objects(), edit.objectsEdit().replaced());
    Set<String> dropped = dropped(edit, objects);
    String lastData = last(ScriptArchive.DATA, archive.objectsRecord());
    String lastConstant = last(ScriptArchive.CONSTANTS, archive.constantsRecord());
    for (ZipEntryInfo entry : archive.folder().entries()) {
      String name = entry.name();
      String text = files.get(name);
      if (name.equals(archive.objectsRecord())) {
        out.bytes(name, pickle);
      } else if (name.equals(archive.constantsRecord()) && edit.changesConstants()) {
        out.bytes(name, constants(edit));
      } else if (text != null) {
        out.bytes(name, text.getBytes(StandardCharsets.UTF_8));
      } else if (!dropped.contains(name)) {
        out.copy(entry);
      }
      for (Map.Entry<String, String> added : files.entrySet()) {
        boolean isNew =
            archive.folder().find(added.getKey().substring(archive.folder().root().length()))
                == null;
        if (isNew && edit.originOf(added.getKey()).equals(name)) {
          out.bytes(added.getKey(), added.getValue().getBytes(StandardCharsets.UTF_8));
        }
      }
      for (Map.Entry<String, Tensor> storage : edit.storages().entrySet()) {
        boolean isConstant = storage.getKey().startsWith(ScriptArchive.CONSTANTS);
        if (name.equals(isConstant ? lastConstant : lastData)) {
          tensor(out, edit, storage.getKey(), storage.getValue());
        }
      }
    }
  }

  /** The last record of a folder, or the one beside which its first stands. */
  private String last(String folder, String beside) {
    String last = beside;
    for (ZipEntryInfo entry : archive.folder().entries()) {
      if (entry.name().startsWith(archive.folder().root() + folder)) {
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

  private void tensor(RewrittenRecords out, ScriptEdit edit, String record, Tensor tensor)
      throws IOException {
    out.tensor(archive.folder().root() + record, edit.parameterOf(record), tensor);
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

  // ------------------------------------------------------------ proof

  /** Operator by operator. */
  @Override
  protected boolean isReadBack(Graph meant, Graph read) {
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
    return isSame;
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
}
