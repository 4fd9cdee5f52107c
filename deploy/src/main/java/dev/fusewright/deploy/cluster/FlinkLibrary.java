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
package dev.fusewright.deploy.cluster;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The jars of the cluster's own processes: Flink without the job. */
final class FlinkLibrary {
  /** These come with each job: another version of them can be submitted to the same cluster. */
  private static final Pattern JOB =
      Pattern.compile("fusewright-(fusion-core|model-io|pipeline)-.*\\.jar");

  private FlinkLibrary() {}

  /**
   * The folder of jars that this program was started from.
   *
   * @throws ClusterException if it was started from classes
   */
  static Path ofThisProgram() throws ClusterException {
    try {
      Path jar =
          Path.of(FlinkLibrary.class.getProtectionDomain().getCodeSource().getLocation().toURI());
      if (jar.toString().endsWith(".jar")) {
        return jar.resolveSibling("").toAbsolutePath();
      }
    } catch (URISyntaxException e) {
      throw new IllegalStateException(e);
    }
    throw new ClusterException(
        "a cluster is made of the jars in deploy/target/lib, and this program runs from classes: use the launcher ./fusewright");
  }

  /** Copies the cluster's jars: a build may write over those of the program. */
  static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    for (Path jar : jars(from)) {
      Files.copy(jar, to.resolve(jar.getFileName()));
    }
  }

  private static List<Path> jars(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.toString().endsWith(".jar"))
          .filter(file -> !JOB.matcher(file.getFileName().toString()).matches())
          .sorted()
          .toList();
    }
  }
}
