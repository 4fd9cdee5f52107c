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
 * A function or a method.
 *
 * @param body empty if it is not understood
 * @param problem what in it is not understood, and in which line; empty if it is
 */
record Definition(
    String name,
    List<Parameter> parameters,
    List<Statement> body,
    String problem,
    int start,
    int end) {
  /**
   * A parameter.
   *
   * @param type null if none is given
   * @param absent its value where none is given; null if one must be
   */
  record Parameter(String name, @Nullable Expression type, @Nullable Expression absent) {}

  Definition {
    parameters = List.copyOf(parameters);
    body = List.copyOf(body);
  }

  boolean isUnderstood() {
    return problem.isEmpty();
  }

  /** What a method calls its object; empty if it has none. */
  String self() {
    return parameters.isEmpty() ? "" : parameters.get(0).name();
  }
}
