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

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A class of the code.
 *
 * @param parameters the list of the names of its parameters; null if there is none
 * @param buffers the list of the names of its buffers; null if there is none
 * @param problem what in it is not understood; empty if it is
 */
record ClassText(
    String name,
    List<String> bases,
    Expression.@Nullable Sequence parameters,
    Expression.@Nullable Sequence buffers,
    List<Field> fields,
    List<Definition> methods,
    String problem,
    int start,
    int end) {
  /**
   * An attribute that objects have.
   *
   * @param value of a constant; null if each object has its own
   */
  record Field(String name, Expression type, @Nullable Expression value, int start, int end) {}

  ClassText {
    bases = List.copyOf(bases);
    fields = List.copyOf(fields);
    methods = List.copyOf(methods);
  }

  @Nullable Field field(String name) {
    for (Field field : fields) {
      if (field.name().equals(name)) {
        return field;
      }
    }
    return null;
  }

  @Nullable Definition method(String name) {
    for (Definition method : methods) {
      if (method.name().equals(name)) {
        return method;
      }
    }
    return null;
  }

  boolean isModule() {
    return bases.equals(List.of("Module"));
  }
}
