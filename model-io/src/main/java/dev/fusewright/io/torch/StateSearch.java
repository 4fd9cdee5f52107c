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

import dev.fusewright.core.state.DeclaredModule;
import dev.fusewright.core.state.StateDict;
import dev.fusewright.core.state.StateEntry;
import dev.fusewright.io.file.Problem;
import dev.fusewright.io.file.TooLargeException;
import dev.fusewright.io.format.NestedState;
import dev.fusewright.io.format.NestedState.Origin;
import dev.fusewright.io.format.StatePath;
import dev.fusewright.io.torch.PickleValue.Dict;
import dev.fusewright.io.torch.PickleValue.Inert;
import dev.fusewright.io.torch.PickleValue.Instance;
import dev.fusewright.io.torch.PickleValue.Int;
import dev.fusewright.io.torch.PickleValue.ListValue;
import dev.fusewright.io.torch.PickleValue.TensorRef;
import dev.fusewright.io.torch.PickleValue.Text;
import dev.fusewright.io.torch.PickleValue.Tuple;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Finds the state dicts in what a pickle built.
 *
 * <p>A dict is a state dict if its keys are names, tensors are among its values, and no state dict
 * lies deeper in it. Whatever has {@code param_groups} is an optimizer, however many tensors it
 * keeps. Pickled modules and TorchScript objects are walked by their attributes.
 */
final class StateSearch {
  /** Containers that are searched within containers; real nests are two or three deep. */
  private static final int DEEPEST = 5;

  /** Modules within modules. */
  private static final int DEEPEST_MODULE = 100;

  private static final String TORCH_MODULES = "torch.nn.modules.";

  private static final Pattern MANGLED = Pattern.compile("___torch_mangle_[0-9]+\\.");

  private static final long MOST_STEPS = 5_000_000;

  /** Tensors and modules that are kept by name; large models have some ten thousand. */
  private static final int MOST_NAMES = 500_000;

  private static final long MOST_CHARACTERS = 32_000_000;

  /** A state dict and the value that holds it. */
  record Found(NestedState nested, PickleValue holder) {}

  /** The eps of the BatchNorms of a class of a TorchScript archive. */
  interface Epsilons {
    OptionalDouble of(PickleValue.Global type);
  }

  private final List<Found> found = new ArrayList<>();
  private final Origin objects;
  private final Epsilons epsilons;
  private final Problem problem;
  private long steps;
  private int names;
  private long characters;

  private StateSearch(Origin objects, Epsilons epsilons, Problem problem) {
    this.objects = objects;
    this.epsilons = epsilons;
    this.problem = problem;
  }

  /**
   * The state dicts below {@code root}, in order.
   *
   * @param objects what objects with tensors are
   * @param epsilons of objects of TorchScript
   * @param problem the beginning of an error
   * @throws TooLargeException if values that contain each other many times over make the search too
   *     long, or the names too many
   */
  static List<Found> in(PickleValue root, Origin objects, Epsilons epsilons, Problem problem) {
    StateSearch search = new StateSearch(objects, epsilons, problem);
    search.search(root, StatePath.ROOT, 0);
    return search.found;
  }

  private void step() {
    if (++steps > MOST_STEPS) {
      throw new TooLargeException(
          problem
              .expected("a nest of at most " + MOST_STEPS + " values")
              .found("one that repeats itself"));
    }
  }

  /** Counts what is kept: a few shared values may stand in more places than fit into memory. */
  private String kept(String name) {
    characters += name.length();
    if (++names > MOST_NAMES || characters > MOST_CHARACTERS) {
      throw new TooLargeException(
          problem
              .expected(
                  "at most %d names of tensors and modules, with at most %d characters in all"
                      .formatted(MOST_NAMES, MOST_CHARACTERS))
              .found("more"));
    }
    return name;
  }

  private void search(PickleValue value, StatePath path, int depth) {
    step();
    if (depth > DEEPEST) {
      return;
    }
    if (value instanceof Dict dict) {
      searchDict(dict, dict, path, depth);
    } else if (value instanceof ListValue list) {
      searchItems(list.items(), path, depth);
    } else if (value instanceof Tuple tuple) {
      searchItems(tuple.items(), path, depth);
    } else if (value instanceof Inert made && made.items() != null) {
      searchDict(made.items(), made, path, depth);
    } else if (value instanceof Instance instance && instance.state() instanceof Dict attributes) {
      searchObject(instance, attributes, path, depth);
    }
  }

  private void searchItems(List<PickleValue> items, StatePath path, int depth) {
    for (int i = 0; i < items.size(); i++) {
      search(items.get(i), path.index(i), depth + 1);
    }
  }

  private void searchDict(Dict dict, PickleValue holder, StatePath path, int depth) {
    if (dict.get("param_groups") != null) {
      return;
    }
    int before = found.size();
    boolean named = true;
    boolean tensors = false;
    for (Dict.Item item : dict.items()) {
      named &= item.key() instanceof Text;
      tensors |= item.value() instanceof TensorRef;
      if (item.key() instanceof Text name && !name.value().endsWith("_extra_state")) {
        // A tuple in a state dict holds packed parameters; only lists and dicts nest checkpoints.
        if (!(item.value() instanceof Tuple)) {
          search(item.value(), path.key(name.value()), depth + 1);
        }
      }
    }
    if (found.size() == before && named && tensors) {
      StateDict state = stateDict(dict, attributes(holder));
      found.add(new Found(new NestedState(path, Origin.STATE_DICT, state), holder));
    }
  }

  private void searchObject(Instance instance, Dict attributes, StatePath path, int depth) {
    Map<String, StateEntry> entries = new LinkedHashMap<>();
    Map<String, DeclaredModule> modules = new LinkedHashMap<>();
    boolean script = objects == Origin.SCRIPT;
    if (script) {
      walkScript(instance, "", entries, modules, 0);
    } else if (attributes.get("_modules") != null && attributes.get("_parameters") != null) {
      walkModule(instance, "", entries, modules, 0);
    } else {
      searchDict(attributes, attributes, path, depth + 1);
      return;
    }
    if (!entries.isEmpty()) {
      StateDict state = new StateDict(entries, Map.of(), modules);
      found.add(
          new Found(
              new NestedState(path, script ? Origin.SCRIPT : Origin.MODULE, state), instance));
    }
  }

  /** The {@code __dict__} of a dict, or of an object of a subclass of dict; null if it has none. */
  static @Nullable PickleValue attributes(PickleValue holder) {
    if (holder instanceof Dict dict) {
      return dict.attributes();
    }
    return holder instanceof Inert made ? made.state() : null;
  }

  private StateDict stateDict(Dict dict, @Nullable PickleValue attributes) {
    Map<String, StateEntry> entries = new LinkedHashMap<>();
    for (Dict.Item item : dict.items()) {
      entries.put(kept(((Text) item.key()).value()), entry(item.value()));
    }
    return new StateDict(entries, versions(attributes));
  }

  private static StateEntry entry(PickleValue value) {
    return value instanceof TensorRef tensor ? tensor.tensor().entry() : new OpaqueValue(value);
  }

  /**
   * {@code _metadata}, an attribute of the OrderedDict: dicts by module name, with a version in
   * each.
   */
  private static Map<String, Long> versions(@Nullable PickleValue attributes) {
    Map<String, Long> versions = new LinkedHashMap<>();
    if (attributes instanceof Dict named && named.get("_metadata") instanceof Dict metadata) {
      for (Dict.Item item : metadata.items()) {
        if (item.key() instanceof Text module
            && item.value() instanceof Dict facts
            && facts.get("version") instanceof Int version) {
          versions.put(module.value(), version.value());
        }
      }
    }
    return versions;
  }

  /** As {@code state_dict()} does: own parameters, own buffers, then the children in order. */
  private void walkModule(
      Instance module,
      String prefix,
      Map<String, StateEntry> entries,
      Map<String, DeclaredModule> modules,
      int depth) {
    if (!(module.state() instanceof Dict attributes)) {
      return;
    }
    if (depth > DEEPEST_MODULE) {
      throw new TooLargeException(
          problem
              .expected("modules nested at most " + DEEPEST_MODULE + " deep")
              .found("deeper ones"));
    }
    modules.put(
        kept(prefix.isEmpty() ? "" : prefix.substring(0, prefix.length() - 1)),
        new DeclaredModule(className(module), epsilon(className(module), attributes)));
    for (String group : List.of("_parameters", "_buffers")) {
      if (attributes.get(group) instanceof Dict tensors) {
        for (Dict.Item item : tensors.items()) {
          step();
          if (item.key() instanceof Text name
              && item.value() instanceof TensorRef tensor
              && !isTransient(attributes, name)) {
            entries.put(kept(prefix + name.value()), tensor.tensor().entry());
          }
        }
      }
    }
    if (attributes.get("_modules") instanceof Dict children) {
      for (Dict.Item item : children.items()) {
        step();
        if (item.key() instanceof Text name && item.value() instanceof Instance child) {
          walkModule(child, prefix + name.value() + ".", entries, modules, depth + 1);
        }
      }
    }
  }

  private static String className(Instance module) {
    return module.type().module().startsWith(TORCH_MODULES)
        ? module.type().name()
        : module.type().qualified();
  }

  /** The eps of an object; NaN where it should have one and has none that is surely read. */
  private static OptionalDouble epsilon(String type, Dict attributes) {
    PickleValue epsilon = attributes.get("eps");
    if (epsilon instanceof PickleValue.Real number) {
      return OptionalDouble.of(number.value());
    }
    if (epsilon instanceof Int number) {
      return OptionalDouble.of((double) number.value());
    }
    if (epsilon != null && NumpyScalar.of(epsilon).isPresent()) {
      return NumpyScalar.of(epsilon);
    }
    return type.startsWith("BatchNorm") || epsilon != null
        ? OptionalDouble.of(Double.NaN)
        : OptionalDouble.empty();
  }

  private static boolean isTransient(Dict attributes, Text name) {
    return attributes.get("_non_persistent_buffers_set") instanceof PickleValue.SetValue set
        && set.items().items().contains(name);
  }

  /** A scripted module keeps its tensors and its children among its attributes. */
  private void walkScript(
      Instance module,
      String prefix,
      Map<String, StateEntry> entries,
      Map<String, DeclaredModule> modules,
      int depth) {
    if (depth > DEEPEST_MODULE) {
      throw new TooLargeException(
          problem
              .expected("modules nested at most " + DEEPEST_MODULE + " deep")
              .found("deeper ones"));
    }
    Dict attributes = module.state() instanceof Dict given ? given : new Dict(Dict.Kind.PLAIN);
    modules.put(
        kept(prefix.isEmpty() ? "" : prefix.substring(0, prefix.length() - 1)),
        new DeclaredModule(
            scriptClass(module.type()),
            attributes.get("running_mean") == null
                ? OptionalDouble.empty()
                : epsilons.of(module.type())));
    for (Dict.Item item : attributes.items()) {
      step();
      if (item.key() instanceof Text name) {
        if (item.value() instanceof TensorRef tensor) {
          entries.put(kept(prefix + name.value()), tensor.tensor().entry());
        } else if (item.value() instanceof Instance child) {
          walkScript(child, prefix + name.value() + ".", entries, modules, depth + 1);
        }
      }
    }
  }

  /** {@code __torch__.torch.nn.modules.conv.___torch_mangle_0.Conv2d} is a {@code Conv2d}. */
  private static String scriptClass(PickleValue.Global type) {
    String plain =
        MANGLED.matcher(type.qualified()).replaceAll("").replaceFirst("^__torch__\\.", "");
    return plain.startsWith(TORCH_MODULES) ? plain.substring(plain.lastIndexOf('.') + 1) : plain;
  }
}
