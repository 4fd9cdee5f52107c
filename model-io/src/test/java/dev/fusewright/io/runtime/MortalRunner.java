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

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;

/**
 * A child that does what {@link RunnerMain} does, writes each moment of its life into a journal,
 * and is killed at those that are written beside it. The journal is one for all children.
 */
public final class MortalRunner {
  /** System property that names the folder of the journal. */
  public static final String FOLDER = "fusewright.mortal";

  private final Path folder;

  private MortalRunner(Path folder) {
    this.folder = folder;
  }

  public static void main(String[] arguments) throws IOException, InterruptedException {
    MortalRunner life = new MortalRunner(Path.of(System.getProperty(FOLDER)));
    life.comesTo("start");
    try (DataOutputStream answers =
            new DataOutputStream(new FileOutputStream(RunnerProtocol.ANSWERS));
        RunnerServer server = RunnerServer.start(answers);
        DataInputStream requests = new DataInputStream(System.in)) {
      while (true) {
        RunnerRequest request = RunnerRequest.read(requests);
        life.comesTo(describe(request));
        server.serve(request);
      }
    } catch (EOFException e) {
      // The parent needs it no more.
    }
  }

  private static String describe(RunnerRequest request) {
    if (request instanceof RunnerRequest.Open open) {
      return "load %s %s".formatted(Path.of(open.path()).getFileName(), open.evaluation());
    }
    return request instanceof RunnerRequest.Run ? "run" : "close";
  }

  private void comesTo(String moment) throws IOException, InterruptedException {
    Path journal = folder.resolve("journal");
    int number = Files.exists(journal) ? Files.readAllLines(journal).size() : 0;
    Files.writeString(journal, moment + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    List<String> deaths = Files.readAllLines(folder.resolve("deaths"));
    if (deaths.contains(Integer.toString(number)) || isFromOn(deaths, number)) {
      long self = ProcessHandle.current().pid();
      new ProcessBuilder("/bin/sh", "-c", "kill -KILL " + self).start().waitFor();
      Thread.currentThread().join();
    }
  }

  private static boolean isFromOn(List<String> deaths, int number) {
    return deaths.stream()
        .filter(line -> line.endsWith("+"))
        .anyMatch(line -> Integer.parseInt(line.substring(0, line.length() - 1)) <= number);
  }
}
