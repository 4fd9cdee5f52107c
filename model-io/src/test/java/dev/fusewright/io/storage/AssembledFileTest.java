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
package dev.fusewright.io.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.core.testing.UsesServers;
import dev.fusewright.io.servers.FaultyNetwork;
import dev.fusewright.io.servers.S3Server;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.fs.s3a.S3AFileSystem;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files of which most is on S3 already. */
@UsesServers
final class AssembledFileTest {
  private static final FaultyNetwork.Plan NO_FAULTS = new FaultyNetwork.Plan(0, 1, List.of(), 0);
  private static final int SIZE = 24_000_000;
  private static final int CHANGED = 1000;
  private static final Location TARGET = Location.of("s3a://fused/m");

  @TempDir Path buckets;
  @TempDir Path folder;
  private S3Server server;
  private FaultyNetwork network;
  private StorageConfiguration configuration;
  private Store store;
  private StoredFile source;
  private Path made;
  private List<StoredRange> stored = List.of();

  /** A source, and a file that differs from it in the middle. */
  @BeforeEach
  void start() throws IOException {
    S3Server.provideCredentials();
    server = S3Server.start(buckets).withBucket("zoo").withBucket("fused");
    connect("");
    byte[] content = new byte[SIZE];
    new Random(6).nextBytes(content);
    source = store.publish(content, Location.of("s3a://zoo/m"));
    for (int i = 0; i < CHANGED; i++) {
      content[SIZE / 2 + i]++;
    }
    made = Files.write(folder.resolve("made"), content);
    int end = SIZE / 2 + CHANGED;
    stored =
        List.of(
            new StoredRange(0, source, 0, SIZE / 2), new StoredRange(end, source, end, SIZE - end));
  }

  private void connect(String refused) throws IOException {
    if (network != null) {
      network.close();
    }
    network = FaultyNetwork.before(server.endpoint(), NO_FAULTS, refused);
    configuration = StorageConfiguration.of(S3Server.properties(network.endpoint()));
    store = Stores.of(configuration);
  }

  @AfterEach
  void stop() throws IOException {
    network.close();
    server.close();
  }

  private int uploads() throws IOException {
    return ((S3AFileSystem) FileSystems.open(configuration, TARGET).files())
        .getWriteOperationHelper()
        .listMultipartUploads("")
        .size();
  }

  @Test
  void what_changed_is_sent_and_the_server_copies_the_rest() throws IOException {
    store.status(TARGET);
    long requests = network.requests();
    long sent = network.sent();
    StoredFile published = store.assemble(made, stored, TARGET);

    assertThat(published.bytes()).isEqualTo(SIZE);
    assertThat(buckets.resolve("fused/m")).hasSameBinaryContentAs(made);
    assertThat(network.requests() - requests)
        .as("begin, copy, send, copy, complete, and what the store says of source and output")
        .isLessThanOrEqualTo(7);
    assertThat(network.sent() - sent).isLessThan(S3Objects.LEAST_PART + 10_000);
  }

  @Test
  void a_server_that_does_not_copy_is_sent_all_of_it() throws IOException {
    connect("x-amz-copy-source");
    long sent = network.sent();
    assertThat(store.assemble(made, stored, TARGET).bytes()).isEqualTo(SIZE);
    assertThat(buckets.resolve("fused/m")).hasSameBinaryContentAs(made);
    assertThat(network.sent() - sent).isGreaterThan(SIZE);
    assertThat(uploads()).isZero();
  }

  @Test
  void so_is_one_on_which_the_source_is_not() throws IOException {
    List<StoredRange> local =
        List.of(
            new StoredRange(0, store.status(Location.of(made)).orElseThrow(), 0, Files.size(made)));
    long sent = network.sent();
    assertThat(store.assemble(made, local, TARGET).bytes()).isEqualTo(SIZE);
    assertThat(network.sent() - sent).isGreaterThan(SIZE);
  }

  @Test
  void a_source_that_was_replaced_is_not_copied_nothing_is_seen_and_no_upload_stays()
      throws IOException {
    store.publish(new byte[SIZE], source.location());
    assertThatThrownBy(() -> store.assemble(made, stored, TARGET))
        .isInstanceOf(ReplacedFileException.class);
    assertThat(store.status(TARGET)).isEmpty();
    assertThat(uploads()).isZero();
  }

  @Test
  void nor_is_one_that_is_replaced_behind_its_last_copy() throws IOException {
    S3Objects objects =
        S3Objects.between(
                FileSystems.open(configuration, source.location()).files(),
                FileSystems.open(configuration, TARGET).files())
            .orElseThrow();
    S3Assembly assembly = new S3Assembly(objects, made, stored, TARGET);
    assertThatThrownBy(
            () ->
                assembly.send(
                    seen -> {
                      throw new ReplacedFileException(seen.location());
                    }))
        .isInstanceOf(ReplacedFileException.class);
    assertThat(store.status(TARGET)).isEmpty();
    assertThat(uploads()).isZero();
  }

  @Test
  void a_part_that_cannot_be_read_leaves_nothing_either() throws IOException {
    S3Objects objects =
        S3Objects.between(
                FileSystems.open(configuration, source.location()).files(),
                FileSystems.open(configuration, TARGET).files())
            .orElseThrow();
    S3Assembly assembly = new S3Assembly(objects, made, stored, TARGET);
    Files.write(made, new byte[100]);
    assertThatThrownBy(() -> assembly.send(seen -> {})).hasMessageContaining("became shorter");
    assertThat(store.status(TARGET)).isEmpty();
    assertThat(uploads()).isZero();
  }

  @Test
  void a_file_that_is_the_source_is_copied_as_an_object() throws IOException {
    store.status(TARGET);
    long requests = network.requests();
    Path same = folder.resolve("same");
    Files.copy(buckets.resolve("zoo/m"), same);
    store.assemble(same, List.of(new StoredRange(0, source, 0, SIZE)), TARGET);
    assertThat(network.requests() - requests).as("COPY and two HEADs").isEqualTo(3);
    assertThat(buckets.resolve("fused/m")).hasSameBinaryContentAs(same);
  }
}
