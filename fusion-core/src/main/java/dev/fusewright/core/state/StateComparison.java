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

import dev.fusewright.core.tensor.Tensor;
import dev.fusewright.core.tensor.Tensors;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** Compares state dicts bit for bit, in chunks. */
public final class StateComparison {
  private StateComparison() {}

  /** Where a written state dict is not the planned one, a sentence each; empty if nowhere. */
  public static List<String> differences(
      StateDict planned, StateDict written, Predicate<String> isProvenOtherwise) {
    List<String> differences = new ArrayList<>();
    Map<String, Tensor> expected = planned.tensors();
    if (!expected.keySet().equals(written.tensors().keySet())) {
      differences.add("the file has other names than were planned");
    }
    expected.forEach(
        (name, tensor) -> {
          if (isProvenOtherwise.test(name)) {
            return;
          }
          if (written.tensor(name).filter(found -> Tensors.areEqual(tensor, found)).isEmpty()) {
            differences.add("'" + name + "' is not what was planned");
          }
        });
    return differences;
  }
}
