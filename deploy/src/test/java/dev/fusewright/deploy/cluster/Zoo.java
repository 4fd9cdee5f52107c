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

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.Staging;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.report.ReportFiles;
import dev.fusewright.report.FusionReport;
import dev.fusewright.report.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * A catalogue, and what runs make of it.
 *
 * @param folder in which the catalogue is and outputs go
 * @param entries how many
 */
record Zoo(Path folder, int entries) {
  /** The example models, so many times over. */
  static Zoo ofExamples(Path folder, int entries) throws IOException {
    Path models = Path.of(System.getProperty("fusewright.home"), "src", "models");
    return of(
        folder,
        entries,
        Stream.of("resnet18", "conv1d_net", "mlp_bn", "conv3d_net", "nothing_to_fuse")
            .map(name -> models.resolve(name + ".onnx"))
            .toList());
  }

  /** These models, over and over under other names. */
  static Zoo of(Path folder, int entries, List<Path> models) throws IOException {
    List<String> lines = new ArrayList<>();
    for (int i = 0; i < entries; i++) {
      Path model = models.get(i % models.size());
      lines.add(
          "{\"id\": \"m%04d\", \"uri\": \"%s\", \"size\": %d}"
              .formatted(i, model, Files.size(model)));
    }
    Files.write(folder.resolve("catalogue.jsonl"), lines);
    return new Zoo(folder, entries);
  }

  /** The arguments of a run into an output. */
  List<String> run(String output, String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "run",
                "--catalogue",
                folder.resolve("catalogue.jsonl").toString(),
                "--output",
                folder.resolve(output).toString()));
    arguments.addAll(List.of(more));
    return arguments;
  }

  /** Digests of every file below an output, reports apart: also of one that should not be there. */
  Map<String, String> published(String output) throws IOException {
    Map<String, String> digests = new TreeMap<>();
    for (Path file : files(output)) {
      digests.put(folder.resolve(output).relativize(file).toString(), Staging.sha256(file));
    }
    return digests;
  }

  /** How many models are published by now. */
  int publishedModels(String output) {
    return (int)
        files(output).stream()
            .filter(file -> file.getFileName().toString().matches("m\\d+\\.onnx"))
            .count();
  }

  private List<Path> files(String output) {
    Path root = folder.resolve(output);
    if (Files.notExists(root)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(root)) {
      return files.filter(file -> !file.endsWith("reports")).sorted().toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The summary of the newest complete run. */
  JsonNode summary(String output) throws IOException {
    return new ObjectMapper().readTree(newest(output).resolve("summary.json").toFile());
  }

  /** What became of each entry. */
  Map<String, Outcome> outcomes(String output) throws IOException {
    Map<String, Outcome> outcomes = new TreeMap<>();
    for (FusionReport report : reports(output)) {
      outcomes.put(report.getId(), report.getOutcome());
    }
    return outcomes;
  }

  /** The numbers of a summary in which two runs over the same models must agree. */
  List<Long> totals(String output) throws IOException {
    JsonNode summary = summary(output);
    return Stream.of("total", "fused", "nothing_to_fuse", "unchanged", "bytes_in", "bytes_out")
        .map(field -> summary.path(field).asLong())
        .toList();
  }

  /** The folder of the newest complete run's reports. */
  Path newest(String output) throws IOException {
    Path reports = folder.resolve(output).resolve("reports");
    JsonNode latest = new ObjectMapper().readTree(reports.resolve("latest.json").toFile());
    return reports.resolve(latest.path("folder").asText());
  }

  /** Every report of the newest complete run, in no order. */
  List<FusionReport> reports(String output) throws IOException {
    List<FusionReport> reports = new ArrayList<>();
    Store store = Stores.of(StorageConfiguration.defaults());
    for (var part : store.list(Location.of(newest(output)).resolve("part-*.avro"))) {
      ReportFiles.read(store, part.location(), reports::add);
    }
    return reports;
  }
}
