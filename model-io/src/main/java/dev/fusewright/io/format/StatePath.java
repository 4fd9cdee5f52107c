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
package dev.fusewright.io.format;

import java.util.ArrayList;
import java.util.List;

/**
 * Where a state dict lies in a checkpoint: keys of dicts and indices of lists, outermost first;
 * empty for the root.
 *
 * @param steps such as {@code state_dict}, or {@code models_state_dict} and {@code [0]}
 */
public record StatePath(List<String> steps) {
  /** The file's root object itself. */
  public static final StatePath ROOT = new StatePath(List.of());

  /** Copies. */
  public StatePath {
    steps = List.copyOf(steps);
  }

  /** The value under a key. */
  public StatePath key(String key) {
    return plus(key);
  }

  /** The element of a list or tuple. */
  public StatePath index(int index) {
    return plus("[" + index + "]");
  }

  private StatePath plus(String step) {
    List<String> longer = new ArrayList<>(steps);
    longer.add(step);
    return new StatePath(longer);
  }

  /** As one reads it: {@code models_state_dict[0]}; {@code the root} for the empty path. */
  @Override
  public String toString() {
    if (steps.isEmpty()) {
      return "the root";
    }
    StringBuilder text = new StringBuilder();
    for (String step : steps) {
      text.append(text.length() > 0 && !step.startsWith("[") ? "." : "").append(step);
    }
    return text.toString();
  }
}
