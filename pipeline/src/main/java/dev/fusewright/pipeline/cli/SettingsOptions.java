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

import dev.fusewright.core.rules.Rules;
import dev.fusewright.pipeline.flow.FuseSettings;
import dev.fusewright.pipeline.flow.InputPolicy;
import dev.fusewright.pipeline.flow.Mode;
import picocli.CommandLine.Option;

/** Options that say what is to be fused. */
final class SettingsOptions {
  @Option(
      names = "--mode",
      paramLabel = "eval|qat",
      defaultValue = "eval",
      description =
          "eval folds BatchNorm into weights; qat builds QAT modules. Default: ${DEFAULT-VALUE}.")
  private String mode = "eval";

  @Option(
      names = "--rules",
      paramLabel = "SET",
      defaultValue = "inference",
      description =
          "inference: every sound fold, in float64, rounded once. torch: PyTorch's own table, bit for bit. Or rule ids"
              + " with commas between; see fusewright rules. Default: ${DEFAULT-VALUE}.")
  private String rules = "inference";

  @Option(
      names = "--inputs",
      paramLabel = "keep|freeze",
      defaultValue = "keep",
      description =
          "An initializer that is also a graph input can be overridden by callers. keep does not fold it and says so;"
              + " freeze takes it for a constant and removes it from the inputs. Default: ${DEFAULT-VALUE}.")
  private String inputs = "keep";

  FuseSettings settings() {
    try {
      Rules.named(rules);
      return FuseSettings.defaults()
          .withMode(Mode.of(mode))
          .withRules(rules)
          .withInputs(InputPolicy.of(inputs));
    } catch (IllegalArgumentException e) {
      throw new UsageException(String.valueOf(e.getMessage()));
    }
  }
}
