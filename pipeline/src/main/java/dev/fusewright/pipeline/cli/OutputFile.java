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

import dev.fusewright.io.file.RegularFiles;
import dev.fusewright.io.storage.Location;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** A file that an argument names to be written: never one that the same command reads or writes. */
record OutputFile(String option, Location location) {
  /**
   * The file that an option names.
   *
   * @throws UsageException if it is there and no regular file, or if another argument names it too
   */
  static OutputFile of(CommandSpec command, String option, String text) {
    OutputFile file = new OutputFile(option, SingleFile.location(text));
    if (file.location.isLocal()) {
      try {
        RegularFiles.requireReplaceable(file.location.localPath());
      } catch (IOException e) {
        throw new UsageException("%s %s".formatted(option, e.getMessage()));
      }
    }
    for (ArgSpec argument : command.commandLine().getParseResult().matchedArgs()) {
      file.requireApart(argument);
    }
    return file;
  }

  private void requireApart(ArgSpec argument) {
    if (argument instanceof OptionSpec other && List.of(other.names()).contains(option)) {
      return;
    }
    String name =
        argument instanceof OptionSpec other ? other.longestName() : argument.paramLabel();
    for (String value : argument.originalStringValues()) {
      // The whole value, or what stands behind NAME=.
      if (Stream.of(value, value.substring(value.indexOf('=') + 1)).anyMatch(this::isNamedBy)) {
        throw new UsageException(
            "%s %s: expected a file of its own, found that %s names it too"
                .formatted(option, location, name));
      }
    }
  }

  private boolean isNamedBy(String text) {
    try {
      return isSame(Location.of(text));
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /**
   * Refuses to be one of the files of a model, which nobody named on the command line.
   *
   * @throws UsageException if this is one of them
   */
  void requireApart(Collection<Location> files) {
    if (files.stream().anyMatch(this::isSame)) {
      throw new UsageException(
          "%s %s: expected a file of its own, found that it belongs to a model, which is left as it is"
              .formatted(option, location));
    }
  }

  private boolean isSame(Location other) {
    try {
      return location.equals(other)
          || (location.isLocal()
              && other.isLocal()
              && Files.exists(location.localPath())
              && Files.exists(other.localPath())
              && Files.isSameFile(location.localPath(), other.localPath()));
    } catch (IOException e) {
      return false;
    }
  }
}
