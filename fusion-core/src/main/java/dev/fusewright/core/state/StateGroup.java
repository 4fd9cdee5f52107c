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

import java.util.List;
import java.util.Optional;

/**
 * A group of a list, held against the state dict.
 *
 * @param number in the list, from 1
 * @param listed its names and types
 * @param module what PyTorch's fuser makes of them
 * @param members one for each name; without entries where a module has no parameters
 * @param shape of the layer before a BatchNorm; empty if there is none
 * @param typing whose word the type of the first module is
 * @param taken what had to be taken for granted of the group, a sentence each
 */
record StateGroup(
    int number,
    ModuleGroup listed,
    String module,
    List<StateModule> members,
    Optional<LayerShape> shape,
    Typing typing,
    List<String> taken) {
  /** Whose word the type of a layer is. */
  enum Typing {
    /** Nobody's: its weight is looked at. */
    SHAPE,
    /** The file's, the list's or a graph's. */
    DECLARED
  }

  StateGroup {
    members = List.copyOf(members);
    taken = List.copyOf(taken);
  }

  List<String> names() {
    return listed.names();
  }

  StateModule first() {
    return members.get(0);
  }

  /** The BatchNorm behind the layer, if there is one. */
  Optional<StateModule> norm() {
    return listed.norm().map(name -> members.get(1));
  }

  /** Whether the layer is a Conv by somebody's word only. */
  boolean mayBeTransposed() {
    return typing == Typing.SHAPE
        && shape.filter(it -> it.operator() == LayerShape.Operator.CONV).isPresent()
        && norm()
            .filter(norm -> LayerShape.couldBeTransposed(first(), norm.shape("running_var").dim(0)))
            .isPresent();
  }

  @Override
  public String toString() {
    return "group " + number + " [" + String.join(", ", names()) + "]";
  }
}
