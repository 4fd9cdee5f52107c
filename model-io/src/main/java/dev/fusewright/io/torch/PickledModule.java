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

import dev.fusewright.io.torch.PickleValue.Bool;
import dev.fusewright.io.torch.PickleValue.Call;
import dev.fusewright.io.torch.PickleValue.Dict;
import dev.fusewright.io.torch.PickleValue.Instance;
import dev.fusewright.io.torch.PickleValue.Int;
import dev.fusewright.io.torch.PickleValue.None;
import dev.fusewright.io.torch.PickleValue.TensorRef;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A module as a pickle holds it.
 *
 * @param name dotted; empty for the root
 * @param object itself
 * @param attributes its state
 */
record PickledModule(String name, Instance object, Dict attributes) {
  /** The hooks that {@code fuse_modules} moves. */
  enum Hooks {
    PRE("_forward_pre_hooks"),
    FORWARD("_forward_hooks");

    private final String attribute;

    Hooks(String attribute) {
      this.attribute = attribute;
    }

    String attribute() {
      return attribute;
    }
  }

  /** What a hook may be registered with, which {@code fuse_modules} forgets. */
  private static final List<String> FORGOTTEN =
      List.of(
          "_forward_hooks_with_kwargs",
          "_forward_pre_hooks_with_kwargs",
          "_forward_hooks_always_called");

  /** What an object may have in the place of a method of its class. */
  private static final Set<String> METHODS =
      Set.of(
          "forward",
          "_conv_forward",
          "_check_input_dim",
          "_output_padding",
          "_call_impl",
          "_wrapped_call_impl",
          "_slow_forward",
          "_compiled_call_impl",
          "__call__",
          "__getattr__");

  /** The method that this object has replaced by something of its own. */
  Optional<String> replacedMethod() {
    return METHODS.stream()
        .filter(method -> attributes.get(method) != null && attributes.get(method) != None.NONE)
        .sorted()
        .findFirst();
  }

  /** The qualified name of its class. */
  String type() {
    return object.type().qualified();
  }

  boolean isTraining() {
    return attributes.get("training") != Bool.FALSE;
  }

  /** An integer attribute, such as the groups of a convolution. */
  Optional<Long> integer(String attribute) {
    return attributes.get(attribute) instanceof Int number
        ? Optional.of(number.value())
        : Optional.empty();
  }

  /** A dict among the attributes, such as {@code _parameters}. */
  Optional<Dict> dict(String attribute) {
    return attributes.get(attribute) instanceof Dict dict ? Optional.of(dict) : Optional.empty();
  }

  List<Dict.Item> hooks(Hooks kind) {
    return dict(kind.attribute()).map(hooks -> List.copyOf(hooks.items())).orElse(List.of());
  }

  boolean hasHooks() {
    return !hooks(Hooks.PRE).isEmpty() || !hooks(Hooks.FORWARD).isEmpty();
  }

  /** Whether a hook was registered with more than {@code fuse_modules} moves. */
  boolean hasSpecialHooks() {
    return FORGOTTEN.stream().anyMatch(it -> dict(it).filter(dict -> dict.size() > 0).isPresent());
  }

  /** A parameter of its own; empty for None. */
  Optional<TorchTensor> parameter(String local) {
    return parameterValue(local).flatMap(PickledModule::tensor);
  }

  /** The value that stands for a parameter. */
  Optional<PickleValue> parameterValue(String local) {
    return attributes.get("_parameters") instanceof Dict own
        ? Optional.ofNullable(own.get(local))
        : Optional.empty();
  }

  private static Optional<TorchTensor> tensor(PickleValue value) {
    return value instanceof TensorRef reference
        ? Optional.of(reference.tensor())
        : Optional.empty();
  }

  /** Whether a parameter asks for gradients. */
  boolean isTrained(String local) {
    return parameter(local)
        .map(TorchTensor::call)
        .filter(call -> call.function().name().startsWith("_rebuild_parameter"))
        .map(Call::arguments)
        .filter(arguments -> arguments.items().size() > 1)
        .map(arguments -> arguments.items().get(1) != Bool.FALSE)
        .orElse(true);
  }
}
