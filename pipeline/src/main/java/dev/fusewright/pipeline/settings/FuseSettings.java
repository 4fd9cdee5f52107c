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

import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How models are fused and proven.
 *
 * @param rules a rule set's name, or rule ids with commas between
 * @param samples sets of inputs that whole models are run on; null for the check's own choice
 * @param seed from which those inputs are made
 * @param tolerance ceiling of what an output may be off, relative; null for that of its element
 *     type
 * @param unfused what is published of a model in which nothing is fused
 * @param doubt what becomes of a model of which the proof cannot tell
 * @param modules what is fused by name
 * @param examples by input: what is known of the inputs that whole models are run on
 */
public record FuseSettings(
    Mode mode,
    String rules,
    InputPolicy inputs,
    VerifyLevel proof,
    @Nullable Integer samples,
    long seed,
    @Nullable Double tolerance,
    Unfused unfused,
    Doubtful doubt,
    ModuleRequest modules,
    Map<String, InputSpec> examples)
    implements Serializable {
  /** Copies the examples. */
  public FuseSettings {
    examples = Collections.unmodifiableMap(new TreeMap<>(examples));
  }

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
    return new FuseSettings(
        Mode.EVAL,
        "inference",
        InputPolicy.KEEP,
        VerifyLevel.ALL,
        null,
        0,
        null,
        Unfused.COPY,
        Doubtful.REJECT,
        ModuleRequest.NONE,
        Map.of());
  }

  /** These settings in another mode. */
  public FuseSettings withMode(Mode newMode) {
    return new FuseSettings(
        newMode, rules, inputs, proof, samples, seed, tolerance, unfused, doubt, modules, examples);
  }

  /** These settings with other rules. */
  public FuseSettings withRules(String newRules) {
    return new FuseSettings(
        mode, newRules, inputs, proof, samples, seed, tolerance, unfused, doubt, modules, examples);
  }

  /** These settings with another policy for overridable initializers. */
  public FuseSettings withInputs(InputPolicy newInputs) {
    return new FuseSettings(
        mode, rules, newInputs, proof, samples, seed, tolerance, unfused, doubt, modules, examples);
  }

  /** These settings with another level of proof. */
  public FuseSettings withProof(VerifyLevel newProof) {
    return new FuseSettings(
        mode, rules, inputs, newProof, samples, seed, tolerance, unfused, doubt, modules, examples);
  }

  /** These settings with another number of samples. */
  public FuseSettings withSamples(int newSamples) {
    return new FuseSettings(
        mode, rules, inputs, proof, newSamples, seed, tolerance, unfused, doubt, modules, examples);
  }

  /** These settings with another seed. */
  public FuseSettings withSeed(long newSeed) {
    return new FuseSettings(
        mode, rules, inputs, proof, samples, newSeed, tolerance, unfused, doubt, modules, examples);
  }

  /** These settings with another ceiling of the tolerance. */
  public FuseSettings withTolerance(double newTolerance) {
    return new FuseSettings(
        mode, rules, inputs, proof, samples, seed, newTolerance, unfused, doubt, modules, examples);
  }

  /** These settings with another treatment of models in which nothing is fused. */
  public FuseSettings withUnfused(Unfused newUnfused) {
    return new FuseSettings(
        mode, rules, inputs, proof, samples, seed, tolerance, newUnfused, doubt, modules, examples);
  }

  /** These settings with another treatment of models of which the proof cannot tell. */
  public FuseSettings withDoubt(Doubtful newDoubt) {
    return new FuseSettings(
        mode, rules, inputs, proof, samples, seed, tolerance, unfused, newDoubt, modules, examples);
  }

  /** These settings with another request for modules. */
  public FuseSettings withModules(ModuleRequest newModules) {
    return new FuseSettings(
        mode, rules, inputs, proof, samples, seed, tolerance, unfused, doubt, newModules, examples);
  }

  /** These settings with what is known of a model's inputs. */
  public FuseSettings withExamples(Map<String, InputSpec> newExamples) {
    return new FuseSettings(
        mode, rules, inputs, proof, samples, seed, tolerance, unfused, doubt, modules, newExamples);
  }

  /** The sha256 of everything that decides what becomes of a model. */
  public String digest() {
    try {
      byte[] text = deciding().toString().getBytes(StandardCharsets.UTF_8);
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }

  /** Everything that decides what becomes of a model, by name. */
  Map<String, String> deciding() {
    Map<String, String> all = new TreeMap<>();
    all.put("mode", mode.text());
    all.put("rules", rules);
    all.put("inputs", inputs.text());
    all.put("proof", proof.text());
    all.put("samples", String.valueOf(samples));
    all.put("seed", Long.toString(seed));
    all.put("tolerance", String.valueOf(tolerance));
    all.put("doubt", doubt.name());
    if (!examples.isEmpty()) {
      all.put("examples", examples.toString());
    }
    modules.decide(all);
    return all;
  }
}
