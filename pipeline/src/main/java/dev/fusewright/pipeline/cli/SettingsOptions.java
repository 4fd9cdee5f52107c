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
package dev.fusewright.pipeline.cli;

import dev.fusewright.core.rule.fold.Rules;
import dev.fusewright.core.rule.qat.QatBackend;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.InputPolicy;
import dev.fusewright.pipeline.settings.Mode;
import dev.fusewright.pipeline.settings.ModuleRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options that say what is to be fused. */
final class SettingsOptions {
  @Option(
      names = "--mode",
      paramLabel = "eval|qat",
      description = "eval folds BatchNorm into weights; qat builds QAT modules. Default: eval.")
  private @Nullable String mode;

  @Option(
      names = "--rules",
      paramLabel = "SET",
      description =
          "inference: every sound fold, in float64, rounded once. torch: PyTorch's own table, bit for bit. Or rule ids"
              + " with commas between; see fusewright rules. Default: inference; torch with --modules or --graph.")
  private @Nullable String rules;

  @Option(
      names = "--modules",
      paramLabel = "FILE|JSON|recipe:NAME",
      description =
          "Fuses these modules and nothing else, as PyTorch's fuse_modules does: a list of names or of lists of names,"
              + " as JSON or in a file, or a recipe for a family of models (resnet, mobilenet_v2, ...).")
  private @Nullable String modules;

  @Option(
      names = "--qat-prepare",
      paramLabel = "fbgemm|qnnpack",
      description = "In mode qat: fake-quantizes weights as this backend's default does.")
  private @Nullable String prepare;

  @Option(
      names = "--fuser",
      paramLabel = "CLASS",
      description = "A custom fuser on the classpath, by its class; may be repeated.")
  private List<String> fusers = new ArrayList<>();

  @Option(
      names = "--inputs",
      paramLabel = "keep|freeze",
      description =
          "An initializer that is also a graph input can be overridden by callers. keep does not fold it and says so;"
              + " freeze takes it for a constant and removes it from the inputs. Default: keep.")
  private @Nullable String inputs;

  @Option(
      names = "--graph",
      paramLabel = "FILE",
      description =
          "For a state dict: an ONNX model with the same parameter names. It says what can be fused and with which eps,"
              + " refuses what it contradicts, and the whole model is run as a proof.")
  private @Nullable String graph;

  @Option(
      names = "--eps",
      paramLabel = "X",
      description =
          "For a state dict: the eps of its BatchNorms. Default: the graph's, the recipe's, or 1e-5.")
  private @Nullable Double eps;

  FuseSettings settings() {
    return over(FuseSettings.defaults());
  }

  /** These settings, with what is given in the place of theirs. */
  FuseSettings over(FuseSettings base) {
    if (eps != null && !(eps >= 0 && eps < Double.POSITIVE_INFINITY)) {
      throw new UsageException("--eps: expected a number of at least 0, found " + eps);
    }
    try {
      String byName = modules != null || graph != null ? "torch" : base.rules();
      String set = rules != null ? rules : byName;
      Rules.named(set);
      ModuleRequest asked = base.modules();
      return base.withMode(mode == null ? base.mode() : Mode.of(mode))
          .withRules(set)
          .withInputs(inputs == null ? base.inputs() : InputPolicy.of(inputs))
          .withModules(
              new ModuleRequest(
                  modules == null ? asked.list() : list(modules),
                  prepare == null ? asked.backend() : QatBackend.of(prepare),
                  fusers.isEmpty() ? asked.fusers() : fusers,
                  graph == null ? asked.graph() : SingleFile.location(graph),
                  eps == null ? asked.epsilon() : eps));
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }

  /** What is no list and no recipe is the name of a file that holds a list. */
  private static String list(String modules) {
    if (modules.startsWith("recipe:") || modules.stripLeading().startsWith("[")) {
      return modules;
    }
    try {
      return Files.readString(Path.of(modules));
    } catch (IOException | InvalidPathException e) {
      throw new UsageException(
          "--modules %s: no list, no recipe:NAME, and no file that can be read (%s)"
              .formatted(modules, e));
    }
  }
}
