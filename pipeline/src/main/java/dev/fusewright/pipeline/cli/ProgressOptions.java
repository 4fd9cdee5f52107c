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

import java.io.PrintWriter;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How a command on a catalogue shows how far it is. */
final class ProgressOptions {
  @Option(
      names = "--progress",
      paramLabel = "auto|plain|none",
      description =
          "auto draws on a terminal how far the run is, and elsewhere writes a line a minute; plain always writes"
              + " lines, every ten seconds. Default: auto.")
  private String progress = "auto";

  private static final Duration RARELY = Duration.ofMinutes(1);
  private static final Duration OFTEN = Duration.ofSeconds(10);

  /** Refuses what it does not know before anything begins. */
  ProgressWatcher watcher(Verbosity verbosity, String verb, PrintWriter err) {
    ProgressStyle said = ProgressStyle.of(progress);
    ProgressStyle style =
        verbosity.isQuiet() || (verbosity.isJson() && said == ProgressStyle.AUTO)
            ? ProgressStyle.NONE
            : said.on(Terminal.isStandardError());
    return new ProgressWatcher(style, verb, err, said == ProgressStyle.PLAIN ? OFTEN : RARELY);
  }
}
