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

import dev.fusewright.io.storage.Location;
import dev.fusewright.pipeline.settings.FuseSettings;
import dev.fusewright.pipeline.settings.InputSpec;
import dev.fusewright.pipeline.settings.SettingFields;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import picocli.CommandLine.Option;

/**
 * Options of commands on single models: what these are run on, as a catalogue's entry says in
 * {@code inputs}.
 */
final class InputsOptions {
  @Option(
      names = "--inputs-file",
      paramLabel = "NAME=FILE",
      description =
          "A sample of the input NAME: .npy, or a serialised TensorProto. May be repeated: the first files of all"
              + " inputs are the first set. Used beside what is made.")
  private List<String> files = new ArrayList<>();

  @Option(
      names = "--input-shape",
      paramLabel = "NAME=D,D,...",
      description = "The shape of what is made for the input NAME. Default: the model's.")
  private List<String> shapes = new ArrayList<>();

  @Option(
      names = "--input-range",
      paramLabel = "NAME=LOW,HIGH",
      description =
          "The least and the largest value of what is made for the input NAME. Default: values of many kinds.")
  private List<String> ranges = new ArrayList<>();

  /** These settings, and what the options say. */
  FuseSettings apply(FuseSettings settings) {
    Map<String, InputSpec> specs = new TreeMap<>();
    for (String word : shapes) {
      Assignment said = Assignment.of("--input-shape", word);
      List<Long> shape = said.numbers("sizes", Long::valueOf);
      if (shape.stream().anyMatch(size -> size < 0)) {
        throw said.wrong("sizes");
      }
      change(specs, said, spec -> new InputSpec(shape, spec.range(), spec.files()));
    }
    for (String word : ranges) {
      Assignment said = Assignment.of("--input-range", word);
      List<Double> ends = said.numbers("LOW,HIGH", Double::valueOf);
      if (ends.size() != 2
          || !(ends.get(0) <= ends.get(1))
          || !Double.isFinite(ends.get(1) - ends.get(0))) {
        throw said.wrong("LOW,HIGH");
      }
      InputSpec.Range range = new InputSpec.Range(ends.get(0), ends.get(1));
      change(specs, said, spec -> new InputSpec(spec.shape(), range, spec.files()));
    }
    for (String word : files) {
      Assignment said = Assignment.of("--inputs-file", word);
      change(
          specs,
          said,
          spec -> {
            List<Location> more = new ArrayList<>(spec.files());
            more.add(SingleFile.location(said.value()));
            return new InputSpec(spec.shape(), spec.range(), more);
          });
    }
    return specs.isEmpty() ? settings : settings.with(SettingFields.INPUTS, specs);
  }

  private static void change(
      Map<String, InputSpec> specs, Assignment said, UnaryOperator<InputSpec> change) {
    InputSpec before = specs.getOrDefault(said.name(), new InputSpec(null, null, List.of()));
    specs.put(said.name(), change.apply(before));
  }

  /** What an option says of one input. */
  private record Assignment(String option, String name, String value) {
    static Assignment of(String option, String word) {
      int equals = word.indexOf('=');
      if (equals < 1 || equals == word.length() - 1) {
        throw new UsageException(
            "%s: expected the name of an input, = and what it takes, found '%s'"
                .formatted(option, word));
      }
      return new Assignment(option, word.substring(0, equals), word.substring(equals + 1));
    }

    <T> List<T> numbers(String expected, java.util.function.Function<String, T> read) {
      try {
        return Arrays.stream(value.split(",", -1)).map(String::strip).map(read).toList();
      } catch (NumberFormatException e) {
        throw wrong(expected);
      }
    }

    UsageException wrong(String expected) {
      return new UsageException(
          "%s %s: expected %s, found '%s'".formatted(option, name, expected, value));
    }
  }
}
