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
package dev.fusewright.io.onnx;

import java.util.List;
import java.util.Map;

/**
 * What a file says about itself, for reports.
 *
 * @param opsets version of each imported operator set, by domain; ONNX's own is the empty one
 * @param metadata {@code metadata_props} of the model, in file order
 * @param bytes of the model's file, without data files
 * @param dataFiles locations of external data files, relative to the model's folder, in the order
 *     in which the model names them
 */
public record OnnxFacts(
    long irVersion,
    Map<String, Long> opsets,
    String producerName,
    String producerVersion,
    long modelVersion,
    Map<String, String> metadata,
    long bytes,
    List<String> dataFiles) {
  /** Copies the collections; the maps keep their order. */
  public OnnxFacts {
    opsets = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(opsets));
    metadata = java.util.Collections.unmodifiableMap(new java.util.LinkedHashMap<>(metadata));
    dataFiles = List.copyOf(dataFiles);
  }
}
