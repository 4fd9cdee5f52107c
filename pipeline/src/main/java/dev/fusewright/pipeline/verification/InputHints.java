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
package dev.fusewright.pipeline.verification;

import dev.fusewright.core.verify.inputs.InputHint;
import dev.fusewright.pipeline.settings.InputSpec;
import java.util.HashMap;
import java.util.Map;

/** What settings say of a model's inputs, as the input generator takes it. */
final class InputHints {
  private InputHints() {}

  /** Shapes and ranges by input name. */
  static Map<String, InputHint> of(Map<String, InputSpec> specs) {
    Map<String, InputHint> hints = new HashMap<>();
    specs.forEach(
        (name, spec) -> {
          InputSpec.Range range = spec.range();
          hints.put(
              name,
              new InputHint(
                  spec.shape(),
                  range == null ? null : new InputHint.Range(range.low(), range.high())));
        });
    return hints;
  }
}
