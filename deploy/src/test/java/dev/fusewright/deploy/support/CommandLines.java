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
package dev.fusewright.deploy.support;

import dev.fusewright.deploy.cluster.ClusterCommand;
import dev.fusewright.pipeline.cli.Fusewright;
import java.util.ArrayList;
import java.util.List;
import org.apache.beam.runners.flink.FlinkPipelineOptions;
import org.apache.beam.sdk.options.PipelineOptionsFactory;
import picocli.CommandLine;

/** Command lines, read by the classes that read them in earnest, and not carried out. */
public final class CommandLines {
  private CommandLines() {}

  /**
   * Reads the arguments of {@code fusewright}.
   *
   * @throws CommandLine.ParameterException if there is no such command or option, or one is missing
   * @throws IllegalArgumentException if neither we nor Beam's runner have such an option
   */
  public static void check(List<String> arguments) {
    CommandLine.ParseResult read =
        Fusewright.commandLine()
            .addSubcommand(new ClusterCommand())
            .parseArgs(arguments.toArray(String[]::new));
    List<String> rest = new ArrayList<>();
    for (CommandLine command : read.asCommandLineList()) {
      rest.addAll(command.getUnmatchedArguments());
    }
    PipelineOptionsFactory.register(FlinkPipelineOptions.class);
    PipelineOptionsFactory.fromArgs(rest.toArray(String[]::new)).create();
  }
}
