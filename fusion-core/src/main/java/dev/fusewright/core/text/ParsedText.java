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
package dev.fusewright.core.text;

import dev.fusewright.core.graph.ModelGraph;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A model as a text has it.
 *
 * @param metadata {@code metadata_props} of the model
 * @param elided where the text leaves values out, each as line, column and type; in the model these
 *     tensors have made-up values if they are real numbers, and cannot be read otherwise
 */
public record ParsedText(ModelGraph model, Map<String, String> metadata, List<String> elided) {
  /** Copies the collections, keeping order. */
  public ParsedText {
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    elided = List.copyOf(elided);
  }
}
