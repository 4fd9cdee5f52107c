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
package dev.fusewright.pipeline.beam;

import static org.assertj.core.api.Assertions.assertThat;

import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.ExampleModels;
import dev.fusewright.pipeline.catalogue.CatalogueException;
import dev.fusewright.pipeline.catalogue.CataloguePreparation;
import dev.fusewright.pipeline.catalogue.CostOrder;
import dev.fusewright.pipeline.catalogue.PreparedCatalogue;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;

/** A catalogue of very many models that are nowhere, and a JVM of its own for it. */
public final class LargeCatalogue {
  /** How many; {@code -Dfusewright.entries} says otherwise. */
  public static final int ENTRIES = Integer.getInteger("fusewright.entries", 100_000);

  private LargeCatalogue() {}

  /**
   * Runs the {@code main} of a class in a JVM of its own, which must end well.
   *
   * @return what it printed
   */
  public static String inJvm(Path folder, Class<?> main, int megabytes) throws Exception {
    Path output = folder.resolve("output.txt");
    Process process =
        new ProcessBuilder(
                System.getProperty("java.home") + File.separator + "bin" + File.separator + "java",
                "-Xmx" + megabytes + "m",
                "-XX:+ExitOnOutOfMemoryError",
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "@" + ExampleModels.folder().resolveSibling("config").resolve("flink-java17.args"),
                "-cp",
                System.getProperty("java.class.path"),
                main.getName(),
                folder.toString(),
                Integer.toString(ENTRIES))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    int code = process.waitFor();
    assertThat(code).as(Files.readString(output)).isZero();
    return Files.readString(output);
  }

  /** Writes the catalogue as a person would. */
  public static Path write(Path folder, int entries) throws IOException {
    Path catalogue = folder.resolve("zoo.jsonl");
    SplittableRandom random = new SplittableRandom(1);
    try (BufferedWriter lines = Files.newBufferedWriter(catalogue)) {
      for (int i = 0; i < entries; i++) {
        lines.write(
            "{\"id\": \"team%d/model-%07d\", \"uri\": \"s3a://zoo/team%d/model-%07d.onnx\", \"size\": %d}%n"
                .formatted(i % 97, i, i % 97, i, random.nextLong(50_000, 10_000_000)));
      }
    }
    return catalogue;
  }

  /** Checks it, and writes it down as a run does. */
  public static PreparedCatalogue prepare(Path catalogue) throws IOException, CatalogueException {
    return CostOrder.sorted(
        CataloguePreparation.prepare(
            Stores.of(StorageConfiguration.defaults()),
            Location.of(catalogue),
            Location.of("/fused"),
            catalogue.resolveSibling("given.jsonl")),
        catalogue.resolveSibling("prepared.jsonl"));
  }
}
