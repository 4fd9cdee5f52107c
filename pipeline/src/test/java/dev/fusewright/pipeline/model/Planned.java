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
package dev.fusewright.pipeline.model;

import dev.fusewright.core.companion.CompanionGraph;
import dev.fusewright.core.graph.ModelGraph;
import dev.fusewright.core.state.StatePlan;
import dev.fusewright.io.format.StateCheckpoint;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.RequestException;
import dev.fusewright.pipeline.settings.SettingFields;
import dev.fusewright.pipeline.verification.NoVerifier;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Plans of state dicts with PyTorch's rules, for tests. */
final class Planned {
  private static final FuseSettings TORCH =
      FuseSettings.defaults().with(SettingFields.RULES, "torch");

  private Planned() {}

  static StatePlan byList(StateCheckpoint checkpoint, String list) {
    return plan(checkpoint, TORCH.with(SettingFields.MODULES, list), null);
  }

  static StatePlan byGraph(StateCheckpoint checkpoint, ModelGraph graph) {
    return plan(checkpoint, TORCH, new CompanionGraph(graph));
  }

  static StatePlan byNothing(StateCheckpoint checkpoint) {
    return plan(checkpoint, TORCH, null);
  }

  private static StatePlan plan(
      StateCheckpoint checkpoint, FuseSettings settings, @Nullable CompanionGraph graph) {
    FuseModel flow =
        new FuseModel(
            Stores.of(StorageConfiguration.defaults()), NoVerifier.INSTANCE, Path.of("."));
    try {
      return new StatePlanning(settings, flow, graph).plan(checkpoint);
    } catch (RequestException e) {
      throw new AssertionError(e);
    }
  }
}
