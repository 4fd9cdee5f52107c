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

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;

/**
 * What a file with a graph says about itself, for reports.
 *
 * @param irVersion of the format's own representation, where it counts them
 * @param opsets version of each imported operator set, by domain; ONNX's own is the empty one
 * @param producerName the program that wrote it, may be empty
 * @param producerVersion may be empty
 * @param modelVersion as its author counts, 0 if nobody does
 * @param metadata in file order
 */
public record GraphFacts(
    OptionalLong irVersion,
    Map<String, Long> opsets,
    String producerName,
    String producerVersion,
    long modelVersion,
    Map<String, String> metadata) {
  /** Copies the maps, which keep their order. */
  public GraphFacts {
    opsets = Collections.unmodifiableMap(new LinkedHashMap<>(opsets));
    metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
  }
}
