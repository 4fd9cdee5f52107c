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

import dev.fusewright.core.modules.FusionMode;
import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.plan.Reason;
import dev.fusewright.core.state.ModuleGroup;
import dev.fusewright.core.state.StateStage;
import dev.fusewright.core.tensor.TensorReadException;
import dev.fusewright.io.archive.RecordBytes;
import dev.fusewright.io.aten.TorchType;
import dev.fusewright.io.format.NestedState.Origin;
import dev.fusewright.io.format.StatePath;
import dev.fusewright.io.format.WholeModules;
import dev.fusewright.io.format.WriteSummary;
import dev.fusewright.io.torch.PickleValue.Global;
import dev.fusewright.io.torch.PickleValue.Instance;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** The pickled modules of a file, written again by operations behind its pickle. */
final class TorchModules implements WholeModules {
  private final Path path;
  private final PickledFile file;
  private final Map<StatePath, Instance> roots = new LinkedHashMap<>();
  private final Map<StatePath, ModuleTree> trees = new HashMap<>();
  private final Map<StatePath, Map<FusionMode, Neighbours>> neighbours = new HashMap<>();

  /**
   * The modules among what was found in a file.
   *
   * @param path of the file
   * @param file around its pickle, still open
   */
  TorchModules(Path path, PickledFile file, List<StateSearch.Found> found) {
    this.path = path;
    this.file = file;
    for (StateSearch.Found each : found) {
      if (each.nested().origin() == Origin.MODULE && each.holder() instanceof Instance module) {
        roots.put(each.nested().path(), module);
      }
    }
  }

  boolean isEmpty() {
    return roots.isEmpty();
  }

  @Override
  public boolean has(StatePath module) {
    return roots.containsKey(module);
  }

  private ModuleTree tree(StatePath module) {
    Instance root = roots.get(module);
    if (root == null) {
      throw new IllegalArgumentException("no whole module at " + module);
    }
    return trees.computeIfAbsent(module, where -> new ModuleTree(root));
  }

  @Override
  public void confirm(StatePath module, List<ModuleGroup> groups) {
    new ModuleFusion(tree(module), file).confirm(groups);
  }

  @Override
  public List<String> foldPremises(StatePath module, List<ModuleGroup> groups) {
    return new ModuleFusion(tree(module), file).foldPremises(groups);
  }

  @Override
  public void check(
      StatePath module, List<ModuleGroup> groups, StateStage stage, Set<String> observed) {
    ModuleTree tree = tree(module);
    for (StatePath where : roots.keySet()) {
      ModuleTree other = tree(where);
      if (!tree.isSame(other) && tree.overlaps(other)) {
        throw ModuleListException.of(
            Reason.SHARED_MODULE,
            "%s and %s share modules, and would change together; --as state-dict writes their parameters",
            module,
            where);
      }
    }
    new ModuleFusion(tree, file).check(groups, stage, observed);
  }

  @Override
  public List<String> premises(StatePath module, List<ModuleGroup> groups) {
    return new ModuleFusion(tree(module), file).premises(groups);
  }

  @Override
  public Neighbours neighbours(StatePath module, FusionMode mode) {
    return neighbours
        .computeIfAbsent(module, where -> new EnumMap<>(FusionMode.class))
        .computeIfAbsent(
            mode, wanted -> new ModuleNeighbours(tree(module), file.layout(), wanted).found());
  }

  @Override
  public Set<String> names() {
    Set<String> names = new TreeSet<>();
    file.layout().names().stream().filter(name -> !isPlain(name)).forEach(names::add);
    return Collections.unmodifiableSet(names);
  }

  /** Whether torch's own loader of weights takes a name. */
  private static boolean isPlain(String name) {
    String last = name.substring(name.lastIndexOf('.') + 1);
    boolean isOfTorch = name.equals("torch." + last);
    return name.equals("collections.OrderedDict")
        || name.equals("__builtin__.set")
        || name.equals("builtins.set")
        || name.equals("torch.nn.parameter.Parameter")
        || PickleCalls.isRepeatable(new Global(ModuleTree.parentName(name), last))
        || (isOfTorch && TorchType.ofDtype(last).isPresent())
        || (isOfTorch && TorchType.ofStorageClass(last).isPresent());
  }

  @Override
  public WriteSummary write(Map<StatePath, FusedModule> fused, Path target) throws IOException {
    if (Files.exists(target) && Files.isSameFile(path, target)) {
      throw new IllegalArgumentException("a checkpoint is not written over itself: " + target);
    }
    PickleTail tail = new PickleTail(file.layout(), file.idForm());
    StorageEdits edits = new StorageEdits(file.keys());
    List<ModuleTree> done = new ArrayList<>();
    fused.forEach(
        (module, fusion) -> {
          ModuleTree tree = tree(module);
          // The very same module may lie in several places.
          if (done.stream().noneMatch(tree::isSame)) {
            new ModuleFusion(tree, file).emit(module, fusion, tail, edits, file.layout().allot());
            done.add(tree);
          }
        });
    boolean complete = false;
    try (FileChannel channel =
        FileChannel.open(
            target,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      PickledFile.Written written = file.write(channel, tail.finished(), edits);
      complete = true;
      return new WriteSummary(
          channel.position(), written.copied(), written.rewritten(), List.of(), List.of());
    } catch (TensorReadException e) {
      throw RecordBytes.unwrapped(e);
    } finally {
      if (!complete) {
        Files.deleteIfExists(target);
      }
    }
  }
}
