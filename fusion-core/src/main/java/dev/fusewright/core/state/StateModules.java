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
package dev.fusewright.core.state;

import dev.fusewright.core.modules.ModuleListException;
import dev.fusewright.core.plan.Reason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A state dict as the list of its modules, in the order in which {@code state_dict()} visits them:
 * each before its children. Where a file has no versions, only modules with entries and their
 * parents are known.
 */
final class StateModules {
  private static final long BATCH_NORM_VERSION = 2;
  private static final Pattern NORM = Pattern.compile("(Batch|Instance)Norm[123]d");

  /** A file of 100 MB of names could stand for terabytes of names of modules. */
  private static final long MOST_CHARACTERS = 1L << 26;

  private final Map<String, StateModule> modules;
  private final NavigableSet<String> sorted;
  private final Map<String, Integer> positions = new HashMap<>();

  private StateModules(Map<String, StateModule> modules) {
    this.modules = modules;
    this.sorted = new TreeSet<>(modules.keySet());
    modules.keySet().forEach(name -> positions.put(name, positions.size()));
  }

  static StateModules of(StateDict state) {
    Map<String, Map<String, StateEntry>> entries = new LinkedHashMap<>();
    Ancestors ancestors = new Ancestors(entries);
    if (!state.listsModules()) {
      ancestors.add("");
    }
    state.modules().keySet().forEach(module -> entries.put(module, new LinkedHashMap<>()));
    state.versions().keySet().forEach(module -> entries.putIfAbsent(module, new LinkedHashMap<>()));
    state
        .entries()
        .forEach(
            (name, entry) -> {
              String module = ModuleWords.parent(name);
              if (!state.listsModules()) {
                ancestors.add(module);
              }
              entries
                  .computeIfAbsent(module, absent -> new LinkedHashMap<>())
                  .put(name.substring(module.isEmpty() ? 0 : module.length() + 1), entry);
            });
    Map<String, StateModule> modules = new LinkedHashMap<>();
    entries.forEach(
        (name, own) -> modules.put(name, new StateModule(name, version(state, name, own), own)));
    return new StateModules(modules);
  }

  /** From the outermost. */
  private static final class Ancestors {
    private final Map<String, Map<String, StateEntry>> entries;
    private long characters;

    Ancestors(Map<String, Map<String, StateEntry>> entries) {
      this.entries = entries;
    }

    void add(String module) {
      if (entries.containsKey(module)) {
        return;
      }
      for (int dot = module.indexOf('.'); dot >= 0; dot = module.indexOf('.', dot + 1)) {
        addOne(module.substring(0, dot));
      }
      addOne(module);
    }

    private void addOne(String module) {
      if (entries.putIfAbsent(module, new LinkedHashMap<>()) == null) {
        characters += module.length();
        if (characters > MOST_CHARACTERS) {
          throw ModuleListException.of(
              Reason.BUDGET,
              "the names of modules, with those that they lie in, have more than %d characters",
              MOST_CHARACTERS);
        }
      }
    }
  }

  /**
   * A BatchNorm counts batches from version 2 on, and an InstanceNorm has its version; of any other
   * module that lists fuse there is one version.
   */
  private static long version(StateDict state, String name, Map<String, StateEntry> own) {
    Long known = state.versions().get(name);
    if (known != null) {
      return known;
    }
    DeclaredModule said = state.modules().get(name);
    boolean isNorm = said != null && NORM.matcher(said.type()).matches();
    return isNorm || own.containsKey("num_batches_tracked") ? BATCH_NORM_VERSION : 1;
  }

  List<StateModule> all() {
    return List.copyOf(modules.values());
  }

  @Nullable StateModule get(String name) {
    return modules.get(name);
  }

  /** Whether another module lies below. */
  boolean hasChildren(String name) {
    if (name.isEmpty()) {
      return modules.size() > (modules.containsKey(name) ? 1 : 0);
    }
    String below = sorted.ceiling(name + ".");
    return below != null && below.startsWith(name + ".");
  }

  /**
   * Whether others lie below, so that it is none that could be fused. A layer may hold its own
   * BatchNorm, and a BatchNorm may hold modules without parameters, such as its activation.
   */
  boolean isContainer(String name) {
    StateModule module = modules.get(name);
    List<StateModule> below = below(name);
    if (module == null || below.isEmpty()) {
      return !below.isEmpty();
    }
    boolean holdsItsNorm =
        module.isLayer() && below.size() == 1 && below.get(0).isNorm() && !below.get(0).isEmpty();
    boolean holdsNoParameters =
        module.isNorm() && !module.isEmpty() && below.stream().allMatch(StateModule::isEmpty);
    return !holdsItsNorm && !holdsNoParameters;
  }

  /** The modules that lie in another one, sorted by name. */
  private List<StateModule> below(String name) {
    String prefix = name.isEmpty() ? "" : name + ".";
    List<StateModule> below = new ArrayList<>();
    for (String other : sorted.tailSet(prefix, /* inclusive= */ true)) {
      if (!other.startsWith(prefix)) {
        break;
      }
      StateModule module = modules.get(other);
      if (module != null && !other.equals(name)) {
        below.add(module);
      }
    }
    return below;
  }

  /** The modules with parameters that lie in another one, in the order of the file. */
  List<StateModule> inside(String name) {
    return below(name).stream()
        .filter(module -> !module.isEmpty())
        .sorted(Comparator.comparing(module -> positions.getOrDefault(module.name(), 0)))
        .toList();
  }

  /** These modules with some of them replaced, each by modules that stand in its place. */
  StateModules replacing(Map<String, List<StateModule>> replacements) {
    return replacing(replacements, List.of());
  }

  /** These modules with some of them replaced, and with more behind them. */
  StateModules replacing(Map<String, List<StateModule>> replacements, List<StateModule> more) {
    Map<String, StateModule> replaced = new LinkedHashMap<>();
    for (StateModule module : modules.values()) {
      for (StateModule standing : replacements.getOrDefault(module.name(), List.of(module))) {
        replaced.put(standing.name(), standing);
      }
    }
    more.forEach(module -> replaced.put(module.name(), module));
    return new StateModules(replaced);
  }

  /** Whether {@link #stateDict} says the versions. */
  enum Versions {
    KEPT,
    LEFT_OUT
  }

  StateDict stateDict(Versions kept) {
    Map<String, StateEntry> entries = new LinkedHashMap<>();
    Map<String, Long> versions = new LinkedHashMap<>();
    for (StateModule module : modules.values()) {
      String prefix = module.name().isEmpty() ? "" : module.name() + ".";
      module.entries().forEach((local, entry) -> entries.put(prefix + local, entry));
      versions.put(module.name(), module.version());
    }
    return new StateDict(
        entries,
        switch (kept) {
          case KEPT -> versions;
          case LEFT_OUT -> Map.of();
        });
  }

  /** The module and its children, for a message. */
  List<String> childrenOf(String parent) {
    String prefix = parent.isEmpty() ? "" : parent + ".";
    Set<String> children = new LinkedHashSet<>();
    for (String name : modules.keySet()) {
      if (name.startsWith(prefix) && !name.equals(parent)) {
        children.add(name.substring(prefix.length()).split("\\.", 2)[0]);
      }
    }
    return List.copyOf(children);
  }
}
