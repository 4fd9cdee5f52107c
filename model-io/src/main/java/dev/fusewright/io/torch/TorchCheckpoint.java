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
import dev.fusewright.io.archive.ZipScratch;
import dev.fusewright.io.file.OpenFile;
import dev.fusewright.io.format.ExtraEntry;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.format.StateFormat;
import dev.fusewright.io.format.StatePath;
import dev.fusewright.io.format.WholeModules;
import dev.fusewright.io.format.WriteSummary;
import dev.fusewright.io.torch.PickleValue.Dict;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An open PyTorch file: what its pickle built, and where its storages lie. */
final class TorchCheckpoint implements StateCheckpoint {
  private final Path path;
  private final OpenFile file;
  private final ZipScratch scratch;
  private final PickleValue root;
  private final List<StateSearch.Found> found;
  private final @Nullable TorchModules modules;
  private final Map<String, String> facts;
  private final List<String> remarks;

  TorchCheckpoint(
      Path path,
      OpenFile file,
      ZipScratch scratch,
      PickleValue root,
      List<StateSearch.Found> found,
      @Nullable TorchModules modules,
      Map<String, String> facts,
      List<String> remarks) {
    this.path = path;
    this.file = file;
    this.scratch = scratch;
    this.root = root;
    this.found = List.copyOf(found);
    this.modules = modules == null || modules.isEmpty() ? null : modules;
    this.remarks = List.copyOf(remarks);
    this.facts = Collections.unmodifiableMap(new LinkedHashMap<>(facts));
  }

  @Override
  public Path path() {
    return path;
  }

  @Override
  public StateFormat format() {
    return new TorchFormat();
  }

  @Override
  public long bytes() {
    return file.size();
  }

  @Override
  public List<NestedState> states() {
    return found.stream().map(StateSearch.Found::nested).toList();
  }

  /** The state dicts with the values that hold them. */
  List<StateSearch.Found> found() {
    return found;
  }

  PickleValue root() {
    return root;
  }

  @Override
  public List<ExtraEntry> extraEntries() {
    IdentityHashMap<PickleValue, PickleValue> states = new IdentityHashMap<>();
    found.forEach(state -> states.put(state.holder(), new Dict(Dict.Kind.ORDERED)));
    OpaqueCopier carriage = new OpaqueCopier(states);
    boolean rootWritten = carriage.carry(root, StatePath.ROOT) != null;
    List<ExtraEntry> beside = new ArrayList<>();
    if (root instanceof Dict dict && !states.containsKey(root)) {
      for (Dict.Item item : dict.items()) {
        StatePath inner = StatePath.ROOT.key(OpaqueCopier.keyText(item.key()));
        boolean dropped = carriage.dropped().stream().anyMatch(drop -> drop.path().equals(inner));
        boolean leads = found.stream().anyMatch(state -> startsWith(state.nested().path(), inner));
        if (!dropped && !leads) {
          beside.add(
              new ExtraEntry(
                  inner, Descriptions.beside(item.value()), ExtraEntry.Disposition.CARRIED));
        }
      }
    }
    beside.addAll(carriage.dropped());
    if (!rootWritten) {
      beside.add(
          new ExtraEntry(StatePath.ROOT, Descriptions.of(root), ExtraEntry.Disposition.DROPPED));
    }
    return beside;
  }

  private static boolean startsWith(StatePath path, StatePath beginning) {
    return !path.steps().isEmpty() && path.steps().get(0).equals(beginning.steps().get(0));
  }

  @Override
  public Map<String, String> facts() {
    return facts;
  }

  @Override
  public Optional<WholeModules> wholeModules() {
    return Optional.ofNullable(modules);
  }

  @Override
  public List<Tie> ties(StatePath path, Collection<String> names) {
    return new SharedStorages(states()).of(path, names);
  }

  @Override
  public List<String> remarks() {
    return remarks;
  }

  @Override
  public WriteSummary write(Map<StatePath, StateDict> edited, Path target) throws IOException {
    return TorchWriter.write(this, edited, target);
  }

  @Override
  public void close() {
    scratch.close();
    file.close();
  }
}
