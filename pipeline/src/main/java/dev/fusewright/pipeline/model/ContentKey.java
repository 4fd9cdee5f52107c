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

import dev.fusewright.core.modules.Fusers;
import dev.fusewright.io.Formats;
import dev.fusewright.io.storage.Sha256;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.InputSpec;
import dev.fusewright.pipeline.settings.ModuleRequest;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * Key by which a model finds what was made of the same content: the sha256 of the build, the
 * settings, what tells the format, and the sha256 of the model. No path is in it.
 *
 * <p>What else decides is not in it, and is compared where a result is found: the model's data
 * files, and the companion graph with its own.
 */
final class ContentKey {
  private static final int VERSION = 1;

  private ContentKey() {}

  /**
   * The key of a model; empty where something decides that is not known by its content: programs of
   * others (fusers, PyTorch), samples of inputs, a source that is replaced.
   *
   * @param sha256 of the model
   */
  static Optional<String> of(FuseRequest request, String sha256) {
    if (!isKnown(request)) {
      return Optional.empty();
    }
    FuseSettings settings = request.settings();
    List<String> all =
        List.of(
            "content " + VERSION,
            Converter.versionAndBuild(),
            request.contentDigest(),
            settings.modules().graph() == null ? "" : "graph",
            settings.unfused().name(),
            Objects.requireNonNullElse(request.format(), ""),
            Formats.extension(request.source().name()).orElse("").toLowerCase(Locale.ROOT),
            sha256);
    return Optional.of(Sha256.of(String.join("\n", all)));
  }

  private static boolean isKnown(FuseRequest request) {
    FuseSettings settings = request.settings();
    return settings.mode().fuses()
        && request.target() != null
        && request.placement() == FuseRequest.Placement.BESIDE
        && settings.torchRunner().isEmpty()
        && settings.examples().values().stream().map(InputSpec::files).allMatch(List::isEmpty)
        && hasOwnFusersOnly(settings.modules());
  }

  /** Whether the classes that fuse listed modules are those of the build. */
  private static boolean hasOwnFusersOnly(ModuleRequest modules) {
    return modules.fusers().isEmpty()
        && (modules.list() == null
            || Fusers.installed(Thread.currentThread().getContextClassLoader()).list().isEmpty());
  }
}
