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
package dev.fusewright.pipeline.settings;

import dev.fusewright.core.rule.qat.QatBackend;
import dev.fusewright.io.storage.Location;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What is to be fused by name, and how QAT modules are prepared.
 *
 * @param list a module list as JSON, {@code recipe:} and the name of a recipe, or {@code auto};
 *     null to fuse whatever the rules find
 * @param backend for which weights are fake-quantized in mode qat; null to leave them
 * @param fusers classes of custom fusers, the first taking precedence; installed ones come after
 *     them
 * @param graph an ONNX model whose parameters have a state dict's names; it says which pairs there
 *     are, and their eps
 * @param epsilons of the BatchNorms of a state dict, which does not hold them, by glob of names
 */
public record ModuleRequest(
    @Nullable String list,
    @Nullable QatBackend backend,
    List<String> fusers,
    @Nullable Location graph,
    Map<String, Double> epsilons) {
  /** The word that stands for a list of what data flow shows. */
  static final String AUTO = "auto";

  /** Copies. */
  public ModuleRequest {
    fusers = List.copyOf(fusers);
    epsilons = Map.copyOf(epsilons);
  }

  /** Whether the groups are those that the data flow of whole modules shows. */
  public boolean isAutomatic() {
    return AUTO.equals(list);
  }

  /** Refuses what only state dicts need, for a model that says it itself. */
  public void refuseCompanion() throws RequestException {
    if (graph != null || !epsilons.isEmpty()) {
      throw new RequestException(
          "a graph or an eps is for state dicts only: an ONNX model says both itself");
    }
  }
}
