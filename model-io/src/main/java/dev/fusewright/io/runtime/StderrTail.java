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
package dev.fusewright.io.runtime;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The end of a child's standard error, which is drained. */
final class StderrTail {
  private static final int KEPT = 16 << 10;

  /** The JVM's crash report names the signal in its first lines. */
  private static final Pattern SIGNAL = Pattern.compile("#\\s+(SIG[A-Z]+) \\(0x");

  private static final int SIGNALLED = 128;

  private final StringBuilder tail = new StringBuilder();
  private final Thread reader;

  StderrTail(InputStream stderr) {
    reader = new Thread(() -> drain(stderr), "runner-stderr");
    reader.setDaemon(true);
    reader.start();
  }

  private void drain(InputStream stderr) {
    byte[] chunk = new byte[4096];
    try (stderr) {
      for (int length = stderr.read(chunk); length >= 0; length = stderr.read(chunk)) {
        append(new String(chunk, 0, length, StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      append("(standard error was lost: " + e.getMessage() + ")");
    }
  }

  private synchronized void append(String text) {
    tail.append(text);
    if (tail.length() > KEPT) {
      tail.delete(0, tail.length() - KEPT);
    }
  }

  /** The end of the standard error of a child that has ended. */
  String await() throws InterruptedException {
    reader.join(1000);
    synchronized (this) {
      return tail.toString().strip();
    }
  }

  /**
   * Cause of a process's end: {@code killed by SIGSEGV}, {@code exit code 1}.
   *
   * @param exitCode as a shell gives it, 128 and the number of a signal
   * @param stderr where the JVM, which turns the signal that hit it into SIGABRT, names the first
   *     one
   */
  static String exitCause(int exitCode, String stderr) {
    Matcher named = SIGNAL.matcher(stderr);
    if (named.find()) {
      return "killed by " + named.group(1);
    }
    return isSignal(exitCode)
        ? "killed by " + signal(exitCode - SIGNALLED)
        : "exit code " + exitCode;
  }

  /**
   * Whether a signal ended a process, or what hit the JVM made it abort.
   *
   * @param exitCode as a shell gives it
   */
  static boolean isSignal(int exitCode) {
    return exitCode > SIGNALLED;
  }

  private static String signal(int number) {
    return switch (number) {
      case 4 -> "SIGILL";
      case 6 -> "SIGABRT";
      case 7 -> "SIGBUS";
      case 8 -> "SIGFPE";
      case 9 -> "SIGKILL (by a user, or the system for want of memory)";
      case 11 -> "SIGSEGV";
      case 15 -> "SIGTERM";
      default -> "signal " + number;
    };
  }
}
