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

import dev.fusewright.core.modules.FusionMode;
import dev.fusewright.core.modules.ModuleDirectory;
import dev.fusewright.core.modules.TorchSequences;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a state dict tells of its modules' types: layers and BatchNorms by the shapes of their
 * tensors, and that others have no parameters. Whether one of those is a ReLU nobody can see.
 */
final class StateDirectory implements ModuleDirectory {
  static final String RELU = "ReLU";
  private static final String OTHER = "a module of other parameters";
  private static final String CARRIED = "a module whose ";

  private final StateModules modules;
  private final FusionMode mode;
  private final Set<String> transposed;
  private final Map<String, DeclaredModule> declared;
  private final String prefix;

  StateDirectory(
      StateModules modules,
      FusionMode mode,
      Set<String> transposed,
      Map<String, DeclaredModule> declared,
      String prefix) {
    this.modules = modules;
    this.mode = mode;
    this.transposed = transposed;
    this.declared = declared;
    this.prefix = prefix;
  }

  @Override
  public List<String> names() {
    List<String> names = new ArrayList<>();
    for (StateModule module : modules.all()) {
      if (module.name().startsWith(prefix)
          && !module.name().isEmpty()
          && !modules.isContainer(module.name())) {
        names.add(module.name().substring(prefix.length()));
      }
    }
    return names;
  }

  /**
   * For optional names of a recipe. A module without parameters counts as a ReLU only in a model
   * that was made for quantization (it has FloatFunctionals): there each place has a ReLU of its
   * own, where a plain model uses one several times, or ReLU6.
   */
  @Override
  public boolean isFusable(List<String> group) {
    List<String> types = types(group);
    boolean known = !types.contains(RELU) || isQuantizable();
    return known && TorchSequences.module(types, mode).isPresent();
  }

  @Override
  public boolean isBare(String name) {
    StateModule module = modules.get(prefix + name);
    return module != null && module.isEmpty() && !modules.hasChildren(prefix + name);
  }

  /** A FloatFunctional has a child of that name, an Identity, before it is prepared. */
  boolean isQuantizable() {
    return modules.all().stream()
        .anyMatch(module -> module.name().endsWith(StateLayout.FUNCTIONAL) && module.isEmpty());
  }

  /** The types of these modules, the followers' dimensions taken from the first. */
  List<String> types(List<String> names) {
    List<String> types = new ArrayList<>();
    String dimensions = "2d";
    for (String name : names) {
      StateModule module = modules.get(prefix + name);
      String type = module == null ? RELU : type(module, dimensions);
      if (types.isEmpty()) {
        dimensions = type.matches(".*[123]d") ? type.substring(type.length() - 2) : "1d";
      }
      types.add(type);
    }
    return types;
  }

  private String type(StateModule module, String dimensions) {
    DeclaredModule said = declared.get(module.name());
    if (said != null) {
      return hasParametersOf(module, said.type()) ? said.type() : other(module);
    }
    if (module.isNorm() || module.isNormWithoutStatistics()) {
      return "BatchNorm" + dimensions;
    }
    if (module.isLayer()) {
      int rank = module.shape("weight").rank();
      String conv = transposed.contains(module.name()) ? "ConvTranspose" : "Conv";
      return rank == 2 ? "Linear" : conv + (rank - 2) + "d";
    }
    return module.isEmpty() && !modules.hasChildren(module.name()) ? RELU : other(module);
  }

  /** Whether a type says that a parameter is none that is computed with. */
  static boolean isCarried(String type) {
    return type.startsWith(CARRIED);
  }

  /** A parameter that is only carried says why the module is no layer or norm. */
  private static String other(StateModule module) {
    for (String local : List.of("weight", "bias", "running_mean", "running_var")) {
      if (module.entries().get(local) instanceof StateEntry.Opaque carried) {
        return CARRIED + "%s is %s".formatted(local, carried.description());
      }
    }
    return OTHER;
  }

  /** A weight-normed Conv is a Conv by class, and has no weight that could be folded. */
  private static boolean hasParametersOf(StateModule module, String type) {
    int rank = module.shape("weight").rank();
    if (type.equals("Linear")) {
      return module.isLayer() && rank == 2;
    }
    if (type.matches("Conv(Transpose)?[123]d")) {
      return module.isLayer() && rank == type.charAt(type.length() - 2) - '0' + 2;
    }
    return !type.matches("BatchNorm[123]d")
        || module.isEmpty()
        || module.isNorm()
        || module.isNormWithoutStatistics();
  }
}
