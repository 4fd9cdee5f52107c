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
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;

/**
 * The program as Flink calls it, in the JobManager of an application: the same arguments, but it
 * never ends the JVM.
 *
 * <p>The application has failed if nothing could be done, or its arguments are wrong. Models that
 * were rejected or failed are results: the run's summary counts them, as it does elsewhere. Its
 * last line on standard error says the exit code that the command line would have.
 */
public final class FusewrightJob {
  private FusewrightJob() {}

  /**
   * Runs a command, {@code run} above all.
   *
   * @throws IllegalStateException if it did not succeed, with what it said
   */
  public static void main(String[] arguments) {
    PrintWriter out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    StringWriter said = new StringWriter();
    int code = Fusewright.execute(out, new PrintWriter(said, true), arguments);
    System.err.print(said);
    // A JobManager has no exit code; whoever reads its log has this one.
    System.err.println("fusewright: ended with exit code " + code);
    if (code == ExitCode.USAGE || code == ExitCode.NOTHING) {
      throw new IllegalStateException("exit code %d: %s".formatted(code, said.toString().strip()));
    }
  }
}
