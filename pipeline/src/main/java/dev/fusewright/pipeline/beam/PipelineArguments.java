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
package dev.fusewright.pipeline.beam;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.beam.sdk.options.PipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;

/**
 * Beam's own options and its runner's, as they were given.
 *
 * @param given each as {@code --name=value}
 */
public record PipelineArguments(List<String> given) {
  private static final Pattern UNKNOWN = Pattern.compile("missing a property named '([^']+)'");

  /** Copies the list. */
  public PipelineArguments {
    given = List.copyOf(given);
  }

  /**
   * Arguments of the form {@code --name=value}, {@code --name value} or {@code --name}.
   *
   * @throws IllegalArgumentException if one of them is no option
   */
  public static PipelineArguments of(List<String> arguments) {
    List<String> joined = new ArrayList<>();
    for (String argument : arguments) {
      String last = joined.isEmpty() ? "" : joined.get(joined.size() - 1);
      if (argument.startsWith("--")) {
        joined.add(argument);
      } else if (last.startsWith("--") && !last.contains("=")) {
        joined.set(joined.size() - 1, last + "=" + argument);
      } else {
        throw new IllegalArgumentException("expected an option, found '" + argument + "'");
      }
    }
    joined.replaceAll(option -> option.contains("=") ? option : option + "=true");
    return new PipelineArguments(joined);
  }

  /** The value of an option; empty if it is not given. */
  public Optional<String> value(String name) {
    String start = "--" + name + "=";
    return given.stream()
        .filter(option -> option.startsWith(start))
        .map(option -> option.substring(start.length()))
        .findFirst();
  }

  /** Whether an option is given. */
  public boolean has(String name) {
    return value(name).isPresent();
  }

  /**
   * Reads them.
   *
   * @throws IllegalArgumentException if neither Beam nor its runner knows one, or its value is
   *     wrong
   */
  public PipelineOptions parse() {
    try {
      return PipelineOptionsFactory.fromArgs(given.toArray(String[]::new)).create();
    } catch (IllegalArgumentException e) {
      throw explained(e);
    }
  }

  private static IllegalArgumentException explained(IllegalArgumentException e) {
    Matcher unknown = UNKNOWN.matcher(String.valueOf(e.getMessage()));
    return unknown.find()
        ? new IllegalArgumentException(
            "unknown option --%s: neither fusewright run nor Beam's runner has it. See fusewright run --help; Beam's own are --runner, --flinkMaster, --parallelism and the like"
                .formatted(unknown.group(1)),
            e)
        : e;
  }
}
