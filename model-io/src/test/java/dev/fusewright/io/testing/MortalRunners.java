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
package dev.fusewright.io.testing;

import dev.fusewright.io.runtime.MortalRunner;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** Children of the runner that are killed, by SIGKILL, at moments that a test chooses. */
public final class MortalRunners {
  /** Puts {@link MortalRunner} where the child's main class was. */
  private static final String SCRIPT =
      """
      #!/bin/sh
      before=
      for word; do
        shift
        [ "$before" = -cp ] && word="$word:%s"
        [ "$word" = dev.fusewright.io.runtime.RunnerMain ] && word=%s
        set -- "$@" "$word"
        before=$word
      done
      exec %s -D%s=%s "$@"
      """;

  private final Path folder;
  private final Path java;

  /**
   * Children that live for ever until something else is said.
   *
   * @param folder without anything in it, whose name needs no quotes
   */
  public MortalRunners(Path folder) throws IOException, URISyntaxException {
    this.folder = folder;
    Path classes =
        Path.of(MortalRunner.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    this.java =
        Files.writeString(
            folder.resolve("java"),
            SCRIPT.formatted(
                classes,
                MortalRunner.class.getName(),
                Path.of(System.getProperty("java.home"), "bin", "java"),
                MortalRunner.FOLDER,
                folder));
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwx------"));
    live("");
  }

  /** The program to run children with. */
  public Path java() {
    return java;
  }

  /** From now on one child dies, at that moment of a new journal, counted from 0. */
  public void dieAt(int moment) throws IOException {
    live(Integer.toString(moment));
  }

  /** From now on every child dies that comes to that moment of a new journal, or to a later one. */
  public void dieFrom(int moment) throws IOException {
    live(moment + "+");
  }

  private void live(String deaths) throws IOException {
    Files.writeString(folder.resolve("deaths"), deaths + "\n");
    Files.deleteIfExists(folder.resolve("journal"));
  }

  /** Every moment of the children's lives, one after the other. */
  public List<String> journal() throws IOException {
    return Files.readAllLines(folder.resolve("journal"));
  }
}
