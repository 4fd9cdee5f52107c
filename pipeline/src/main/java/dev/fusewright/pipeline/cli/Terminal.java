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

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Whether somebody looks. */
final class Terminal {
  private static final int USUAL = 100;
  private static final int LEAST = 20;

  private Terminal() {}

  /** Columns of the terminal of this process; a usual number where nobody says it. */
  static int width() {
    try {
      Process asked =
          new ProcessBuilder("stty", "size")
              .redirectInput(new File("/dev/tty"))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try (InputStream answer = asked.getInputStream()) {
        String[] size = new String(answer.readAllBytes(), StandardCharsets.US_ASCII).split(" ", -1);
        int columns = size.length == 2 ? Integer.parseInt(size[1].strip()) : 0;
        return columns < LEAST ? USUAL : columns;
      }
    } catch (IOException | NumberFormatException e) {
      return USUAL;
    }
  }

  /** Whether standard output is a terminal; false where the system does not say. */
  static boolean isStandardOutput() {
    return isTerminal(1);
  }

  /** Whether standard error is a terminal; false where the system does not say. */
  static boolean isStandardError() {
    return isTerminal(2);
  }

  private static boolean isTerminal(int descriptor) {
    try {
      String device = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor)).toString();
      return device.startsWith("/dev/pts/")
          || device.startsWith("/dev/tty")
          || device.equals("/dev/console");
    } catch (IOException | UnsupportedOperationException e) {
      return isTerminalOfShell(descriptor);
    }
  }

  /** The same, where there is no {@code /proc}: as a process that inherits it sees it. */
  private static boolean isTerminalOfShell(int descriptor) {
    try {
      return new ProcessBuilder("test", "-t", String.valueOf(descriptor))
              .inheritIO()
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
