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
package dev.fusewright.deploy.distribution;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** An archive, unpacked into an empty folder, where there is nothing else but a Java on PATH. */
record Unpacked(Path folder, Path home) {
  /** How a command ended. */
  record Answer(int code, String out, String err) {}

  /** Unpacks a .tar.gz. */
  static Unpacked of(Path archive, Path folder) throws IOException, InterruptedException {
    Path java = Files.createDirectories(folder.resolve("java"));
    Files.createSymbolicLink(
        java.resolve("java"), Path.of(System.getProperty("java.home"), "bin", "java"));
    Unpacked unpacked = new Unpacked(folder, folder.resolve(stem(archive)));
    Answer answer = unpacked.start(List.of("tar", "-xzf", archive.toString()));
    if (answer.code() != 0) {
      throw new IOException(answer.err());
    }
    return unpacked;
  }

  /** The name of the one folder that an archive holds. */
  static String stem(Path archive) {
    return archive.getFileName().toString().replaceFirst("\\.(tar\\.gz|zip)$", "");
  }

  /** Runs the installed command, as its user does, in the empty folder. */
  Answer fusewright(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(home.resolve("bin/fusewright").toString());
    command.addAll(List.of(arguments));
    return start(command);
  }

  private Answer start(List<String> command) throws IOException, InterruptedException {
    Path out = folder.resolve("out.txt");
    Path err = folder.resolve("err.txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    Map<String, String> environment = builder.environment();
    environment.clear();
    environment.put("PATH", folder.resolve("java") + ":/usr/bin:/bin");
    // No archive of classes: a start leaves nothing running behind.
    environment.put("HOME", "/nonexistent");
    int code = builder.start().waitFor();
    return new Answer(
        code,
        Files.readString(out, StandardCharsets.UTF_8),
        Files.readString(err, StandardCharsets.UTF_8));
  }

  /** The files below the folder of the archive, by their paths in it. */
  List<Path> files() throws IOException {
    try (var found = Files.walk(home)) {
      return found.filter(Files::isRegularFile).sorted().toList();
    }
  }

  /** The jars, by name. */
  List<String> jars() throws IOException {
    return files().stream()
        .filter(file -> file.getParent().equals(home.resolve("lib")))
        .map(file -> file.getFileName().toString())
        .filter(name -> name.endsWith(".jar"))
        .toList();
  }
}
