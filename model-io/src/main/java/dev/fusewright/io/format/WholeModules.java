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
package dev.fusewright.io.format;

import dev.fusewright.core.modules.FusionMode;
import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.state.DefaultQatConfig;
import dev.fusewright.core.state.FusedGroup;
import dev.fusewright.core.state.ModuleGroup;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StateStage;
import dev.fusewright.io.file.CheckpointException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The whole modules of a file, which can be written as whole modules again: what {@code
 * fuse_modules} would make of each, if it were loaded.
 */
public interface WholeModules {
  /**
   * What becomes of one module.
   *
   * @param state as planned, by the names that it has afterwards
   * @param groups in the order of the list
   * @param config by which the module is prepared too; empty if it is not
   */
  record FusedModule(StateDict state, List<FusedGroup> groups, Optional<DefaultQatConfig> config) {
    /** Copies. */
    public FusedModule {
      groups = List.copyOf(groups);
    }
  }

  /**
   * Modules that follow one another in a Sequential.
   *
   * @param names with the prefix of the state dict
   * @param premises of their data flow that the file does not show, a sentence each
   */
  record NeighbourGroup(List<String> names, List<String> premises) {
    /** Copies. */
    public NeighbourGroup {
      names = List.copyOf(names);
      premises = List.copyOf(premises);
    }
  }

  /**
   * What the classes of a module show of its data flow.
   *
   * @param groups that a list could name
   * @param unknown what is left unfused, a sentence each
   */
  record Neighbours(List<NeighbourGroup> groups, List<String> unknown) {
    /** Copies. */
    public Neighbours {
      groups = List.copyOf(groups);
      unknown = List.copyOf(unknown);
    }
  }

  /** Whether what lies there is a whole module. */
  boolean has(StatePath path);

  /**
   * Refuses groups that the objects of a module disprove, in whatever form it is written.
   *
   * @throws ModuleListException for the first such group
   */
  void confirm(StatePath path, List<ModuleGroup> groups);

  /**
   * What has to be taken for granted where groups with a BatchNorm are folded and only parameters
   * are written, a sentence each.
   */
  List<String> foldPremises(StatePath path, List<ModuleGroup> groups);

  /**
   * Refuses groups that {@code fuse_modules} refuses in a module, and those whose module cannot be
   * written again.
   *
   * @param observed of the stage PREPARED: the modules of no group that are to be observed
   * @throws ModuleListException for the first such group or module
   */
  void check(StatePath path, List<ModuleGroup> groups, StateStage stage, Set<String> observed);

  /** What has to be taken for granted of groups that passed, a sentence each. */
  List<String> premises(StatePath path, List<ModuleGroup> groups);

  /** What the data flow of Sequentials shows of a module. */
  Neighbours neighbours(StatePath path, FusionMode mode);

  /**
   * The classes and functions that the file names, that stay in what is written, and that {@code
   * torch.load(weights_only=True)} does not take; sorted.
   */
  Set<String> names();

  /**
   * Writes the file anew, some of its modules fused; everything else stays as it is.
   *
   * @param target another file, created or replaced, and removed if writing fails
   * @throws IOException if the target cannot be written
   * @throws CheckpointException if this file fails while it is copied
   */
  WriteSummary write(Map<StatePath, FusedModule> fused, Path target) throws IOException;
}
