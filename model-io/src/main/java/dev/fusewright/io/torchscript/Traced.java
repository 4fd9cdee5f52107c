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

import dev.fusewright.io.aten.Program;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What following the code of an archive gave: its operators in order, and where each stands.
 *
 * @param origins of the program's nodes, in the same order
 * @param places of parameters, by their names
 * @param invocations of methods, in the order in which they returned
 * @param outsideReads attributes of objects that code outside of their classes reads
 * @param followed functions and methods that were called
 * @param assumptions about attributes that decided a condition, as text
 */
record Traced(
    Program program,
    List<Origin> origins,
    Map<String, Stored> places,
    List<Invocation> invocations,
    Set<Value.Place> outsideReads,
    Set<Definition> followed,
    List<String> assumptions) {
  /**
   * Where an operator stands.
   *
   * @param values of the call's arguments, as they were
   * @param result the first one's name while the code was followed
   */
  record Origin(Frame frame, Expression.Call call, List<Value> values, String result) {
    Origin {
      values = List.copyOf(values);
    }
  }

  /**
   * Where a parameter is kept.
   *
   * @param owner null for a constant of the code
   * @param attribute of the owner, or the number of the constant
   */
  record Stored(Pickled.@Nullable Instance owner, String attribute, ScriptTensor tensor) {}

  /** A call of a method from outside of its object. */
  record Invocation(Value.Module module, Definition method, List<Value> arguments, Value result) {
    Invocation {
      arguments = List.copyOf(arguments);
    }
  }

  Traced {
    origins = List.copyOf(origins);
    invocations = List.copyOf(invocations);
    assumptions = List.copyOf(assumptions);
  }
}
