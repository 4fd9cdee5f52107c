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

import dev.fusewright.io.storage.ScratchSettings;
import dev.fusewright.io.storage.StorageConfiguration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of commands that have workers: what these may use of their machines' disks. */
final class ScratchOptions {
  private static final Pattern SIZE = Pattern.compile("([1-9][0-9]{0,18})([KMGT]?)");

  @Option(
      names = "--scratch",
      paramLabel = "DIR",
      description =
          "Where workers put the models they work on, on their own machines. Default: the JVM's temporary folder.")
  private @Nullable String scratch;

  @Option(
      names = "--scratch-budget",
      paramLabel = "SIZE",
      description =
          "How much of it one worker process may use, such as 40G; models wait for room, and one that needs more than"
              + " all of it fails. Default: 80 %% of what is free when the process starts.")
  private @Nullable String budget;

  StorageConfiguration apply(StorageConfiguration configuration) {
    return configuration.with(
        new ScratchSettings(scratch, budget == null ? null : bytes("--scratch-budget", budget)));
  }

  private static long bytes(String option, String text) {
    Matcher size = SIZE.matcher(text);
    if (size.matches()) {
      int power = size.group(2).isEmpty() ? 0 : 1 + "KMGT".indexOf(size.group(2));
      try {
        return Math.multiplyExact(Long.parseLong(size.group(1)), 1L << (10 * power));
      } catch (ArithmeticException | NumberFormatException e) {
        // More than there can be.
      }
    }
    throw new UsageException(
        "%s: expected a number of bytes, or with K, M, G or T, found '%s'".formatted(option, text));
  }
}
