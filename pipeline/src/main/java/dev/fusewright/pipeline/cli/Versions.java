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

import dev.fusewright.pipeline.model.Converter;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/** What {@code --version} tells: this program, and what it runs on. */
final class Versions {
  private Versions() {}

  /** The name and version first, then a line each. */
  static List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add("fusewright " + Converter.version());
    ofCommit().ifPresent(commit -> lines.add("commit       " + commit));
    lines.add("build        " + Converter.build());
    lines.add(
        "Java         %s, %s"
            .formatted(Runtime.version(), System.getProperty("java.vendor", "unknown vendor")));
    add(lines, "ONNX Runtime", ofClass("ai.onnxruntime.OrtException"));
    Map<String, String> carriers =
        Installation.hasPipeline() ? Runners.of(List.of()).versions() : Map.of();
    add(lines, "Beam        ", Optional.ofNullable(carriers.get("beam")));
    add(lines, "Flink       ", Optional.ofNullable(carriers.get("flink")));
    return lines;
  }

  private static void add(List<String> lines, String name, Optional<String> version) {
    lines.add("%s %s".formatted(name, version.orElse("not in this installation")));
  }

  /** The commit that was built and its time, where whoever built it said so. */
  private static Optional<String> ofCommit() {
    return property("/dev/fusewright/pipeline/cli/commit.properties", "commit")
        .filter(commit -> !commit.isBlank() && !commit.startsWith("${"));
  }

  /** As the manifest of a class's jar says it; the class is not initialized. */
  private static Optional<String> ofClass(String name) {
    try {
      Package origin =
          Class.forName(name, /* initialize= */ false, Versions.class.getClassLoader())
              .getPackage();
      return Optional.ofNullable(origin).map(Package::getImplementationVersion);
    } catch (ClassNotFoundException e) {
      return Optional.empty();
    }
  }

  private static Optional<String> property(String resource, String name) {
    try (InputStream in = Versions.class.getResourceAsStream(resource)) {
      if (in == null) {
        return Optional.empty();
      }
      Properties properties = new Properties();
      properties.load(in);
      return Optional.ofNullable(properties.getProperty(name));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
