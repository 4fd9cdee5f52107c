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

import dev.fusewright.core.modules.FusionMode;
import dev.fusewright.io.storage.Sha256;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How one model is fused and proven: every setting with what was said of it, or its default.
 *
 * @param values what was said, over the defaults
 */
public record FuseSettings(Settings values) {
  /** What is published of a model in which nothing is fused. */
  public enum Unfused {
    /** A copy, byte for byte, so that the output is a whole zoo. */
    COPY,
    /** Nothing. */
    OMIT
  }

  /** What becomes of a model of which the proof cannot tell. */
  public enum Doubtful {
    REJECT,
    ACCEPT
  }

  /** The settings of a command line without options. */
  public static FuseSettings defaults() {
    return resolve(Settings.NONE);
  }

  /** What holds for a model of which this was said. */
  public static FuseSettings resolve(Settings said) {
    return new FuseSettings(Settings.merge(SettingFields.STANDARD, said));
  }

  /** These settings with another value of one. */
  public <T> FuseSettings with(Setting<T> setting, T value) {
    return new FuseSettings(values.with(setting, value));
  }

  /** The value of a setting; null if nothing was said of it and it has no default. */
  public <T> @Nullable T value(Setting<T> setting) {
    return values.value(setting);
  }

  private <T> T certain(Setting<T> setting) {
    return Objects.requireNonNull(value(setting), "a setting with a default");
  }

  public Mode mode() {
    return certain(SettingFields.MODE);
  }

  /** Which of PyTorch's two ways of fusing is meant. */
  public FusionMode fusion() {
    return mode().fusion();
  }

  /** What was said of the rules; {@link RuleChoice} knows which they are where nothing was. */
  public Optional<String> rules() {
    return Optional.ofNullable(value(SettingFields.RULES));
  }

  public InputPolicy inputs() {
    return certain(SettingFields.INPUT_POLICY);
  }

  /** How many times as large the parameters in a file may become. */
  public double maxGrowth() {
    return certain(SettingFields.MAX_GROWTH);
  }

  public VerifyLevel proof() {
    return certain(SettingFields.VERIFY_LEVEL);
  }

  /** The Python that runs archives of TorchScript; empty if the user named none. */
  public Optional<Path> torchRunner() {
    return Optional.ofNullable(value(SettingFields.TORCH_RUNNER));
  }

  public Require require() {
    return certain(SettingFields.REQUIRE);
  }

  /** Sets of inputs that whole models are run on; null for the check's own choice. */
  public @Nullable Integer samples() {
    return value(SettingFields.SAMPLES);
  }

  public long seed() {
    return certain(SettingFields.SEED);
  }

  /** Ceiling of what an output may be off, relative; null for that of its element type. */
  public @Nullable Double tolerance() {
    return value(SettingFields.TOLERANCE);
  }

  public Unfused unfused() {
    return certain(SettingFields.NO_COPY);
  }

  /** What becomes of state dicts with BatchNorms that nothing names. */
  public Unnamed unnamed() {
    return certain(SettingFields.UNNAMED);
  }

  /** What a file of whole modules becomes. */
  public OutputForm form() {
    return certain(SettingFields.AS);
  }

  /** How long a source may give no byte. */
  public Duration fetchTimeout() {
    return Duration.ofSeconds(certain(SettingFields.FETCH_TIMEOUT));
  }

  public Doubtful doubt() {
    return certain(SettingFields.ACCEPT_INCONCLUSIVE);
  }

  /** What is fused by name. */
  public ModuleRequest modules() {
    return new ModuleRequest(
        value(SettingFields.MODULES),
        value(SettingFields.QAT_PREPARE),
        certain(SettingFields.FUSERS),
        value(SettingFields.GRAPH),
        Objects.requireNonNullElse(value(SettingFields.EPS), Map.of()));
  }

  /** By input: what is known of the inputs that whole models are run on. */
  public Map<String, InputSpec> examples() {
    return certain(SettingFields.INPUTS);
  }

  /**
   * The sha256 of everything that decides what becomes of a model. Where the rules depend on what
   * kind of file it is, their absence stands for them: the same file has the same ones.
   */
  public String digest() {
    return digest("");
  }

  /**
   * The same, where something beside the settings decides too.
   *
   * @param besides what that is; empty for nothing
   */
  public String digest(String besides) {
    return Sha256.of(SettingsJson.canonical(values) + besides);
  }
}
