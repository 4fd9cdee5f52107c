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

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** How much is said on standard error. */
final class Verbosity {
  private static final String LOGGER = "org.slf4j.simpleLogger.";

  @Option(
      names = {"-q", "--quiet"},
      description = "Says nothing on standard error but what stops it.")
  private boolean quiet;

  @Option(
      names = {"-v", "--verbose"},
      description = "Says on standard error what is being done, and what the runner does.")
  private boolean verbose;

  @Option(
      names = "--log",
      paramLabel = "text|json",
      description =
          "How standard error is written: as text for people, or as one JSON object per line, with time, level, logger"
              + " and message. Default: text.")
  private String log = "text";

  @Spec(Spec.Target.MIXEE)
  private @Nullable CommandSpec command;

  /** Whether standard error is a log for programs. */
  boolean isJson() {
    return log.equals("json");
  }

  /** Sets the loggers up; comes before the first one is made. */
  void apply() {
    if (!log.equals("text") && !isJson()) {
      throw new UsageException("--log: expected text or json, found '%s'".formatted(log));
    }
    if (isJson()) {
      PrintStream lines = JsonLog.over(System.err);
      System.setErr(lines);
      if (command != null) {
        command
            .commandLine()
            .setErr(new PrintWriter(lines, /* autoFlush= */ true, StandardCharsets.UTF_8));
      }
    }
    System.setProperty(LOGGER + "logFile", "System.err");
    System.setProperty(LOGGER + "showThreadName", "false");
    System.setProperty(LOGGER + "showShortLogName", "true");
    System.setProperty(LOGGER + "defaultLogLevel", verbose ? "info" : quiet ? "off" : "error");
    System.setProperty(LOGGER + "log.dev.fusewright", verbose ? "info" : quiet ? "off" : "warn");
  }

  boolean isQuiet() {
    return quiet;
  }

  boolean isVerbose() {
    return verbose;
  }
}
