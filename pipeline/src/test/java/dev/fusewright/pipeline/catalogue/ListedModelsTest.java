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
package dev.fusewright.pipeline.catalogue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.fusewright.core.testing.UsesServers;
import dev.fusewright.io.servers.S3Server;
import dev.fusewright.io.storage.Location;
import dev.fusewright.io.storage.StorageConfiguration;
import dev.fusewright.io.storage.Store;
import dev.fusewright.io.storage.Stores;
import dev.fusewright.pipeline.ShardedExample;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ListedModelsTest {
  @TempDir Path folder;
  private final Store store = Stores.of(StorageConfiguration.defaults());
  private Path index;

  @BeforeEach
  void writeModel() throws IOException {
    index = ShardedExample.in(folder.resolve("zoo/[bert]"));
    Files.write(folder.resolve("zoo/alone.safetensors"), new byte[3]);
  }

  private List<CatalogueEntry> entries(String glob) throws Exception {
    return CataloguePreparation.entries(store, Location.of(folder.resolve("zoo")).resolve(glob));
  }

  private long bytes() throws IOException {
    try (Stream<Path> files = Files.list(index.getParent())) {
      return files.mapToLong(file -> file.toFile().length()).sum();
    }
  }

  @Test
  void ids_do_not_depend_on_what_lies_beside_a_file() throws Exception {
    Path zoo = Files.createDirectories(folder.resolve("zoo"));
    Files.write(zoo.resolve("a.onnx"), new byte[3]);
    assertThat(entries("a.*")).extracting(CatalogueEntry::id).containsExactly("a");

    Files.write(zoo.resolve("a.pt"), new byte[3]);
    Files.write(zoo.resolve("a.safetensors"), new byte[3]);

    assertThat(entries("a.*"))
        .extracting(CatalogueEntry::id)
        .containsExactly("a", "a.pt", "a.safetensors");
  }

  @Test
  void an_index_and_its_shards_are_one_entry_with_the_bytes_of_all() throws Exception {
    assertThat(entries("**"))
        .containsExactly(
            CatalogueEntry.of("[bert]/model.safetensors.index.json", Location.of(index), bytes()),
            CatalogueEntry.of(
                "alone.safetensors", Location.of(folder.resolve("zoo/alone.safetensors")), 3L));
    assertThat(entries("**").get(0).output()).isEqualTo("[bert]/model.safetensors.index.json");
  }

  @Test
  void a_glob_that_matches_the_shards_alone_finds_their_index() throws Exception {
    assertThat(entries("**/*.safetensors"))
        .extracting(CatalogueEntry::id)
        .containsExactly("[bert]/model.safetensors.index.json", "alone.safetensors");
  }

  @Test
  void the_index_of_a_variant_is_one_too() throws Exception {
    Path variant = Files.move(index, index.resolveSibling("model.safetensors.index.fp16.json"));

    assertThat(entries("**/*.safetensors"))
        .extracting(CatalogueEntry::source)
        .containsExactly(
            Location.of(variant), Location.of(folder.resolve("zoo/alone.safetensors")));
  }

  @Test
  void a_glob_that_matches_the_index_alone_does_not_know_the_bytes_of_all() throws Exception {
    assertThat(entries("**/*.index.json"))
        .containsExactly(
            CatalogueEntry.of("[bert]/model.safetensors.index.json", Location.of(index), null));
  }

  @UsesServers
  @Test
  void on_s3_it_is_the_same() throws Exception {
    S3Server.provideCredentials();
    try (S3Server server =
        S3Server.start(Files.createDirectory(folder.resolve("buckets"))).withBucket("zoo")) {
      Store s3 = Stores.of(StorageConfiguration.of(server.properties()));
      try (Stream<Path> files = Files.list(index.getParent())) {
        for (Path file : files.toList()) {
          s3.publish(file, Location.of("s3a://zoo/bert/" + file.getFileName()));
        }
      }

      assertThat(CataloguePreparation.entries(s3, Location.of("s3a://zoo/**/*.safetensors")))
          .extracting(CatalogueEntry::source, CatalogueEntry::size)
          .containsExactly(tuple(Location.of("s3a://zoo/bert/" + index.getFileName()), bytes()));
    }
  }

  @Test
  void shards_that_no_index_names_are_files_like_others() throws Exception {
    Files.delete(index);

    assertThat(entries("**/*-of-*.safetensors")).hasSize(3);
  }

  @Test
  void a_file_beside_the_shards_that_the_index_does_not_name_is_an_entry() throws Exception {
    Files.write(index.resolveSibling("model-00001-of-00009.safetensors"), new byte[3]);

    assertThat(entries("**/*.safetensors"))
        .extracting(CatalogueEntry::id)
        .containsExactly(
            "[bert]/model-00001-of-00009.safetensors",
            "[bert]/model.safetensors.index.json",
            "alone.safetensors");
  }

  @Test
  void an_index_that_cannot_be_read_is_an_entry_that_fails_and_hides_nothing() throws Exception {
    Files.writeString(index, "{\"weight_map\": ");

    assertThat(entries("**")).hasSize(5);
  }
}
