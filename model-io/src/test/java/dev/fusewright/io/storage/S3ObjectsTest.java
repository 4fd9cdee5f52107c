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

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.fusewright.core.testing.UsesServers;
import dev.fusewright.io.servers.FaultyNetwork;
import dev.fusewright.io.servers.S3Server;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.s3a.S3AFileSystem;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects and parts that S3 copies by itself, with the requests counted. */
@UsesServers
final class S3ObjectsTest {
  private static final int PART = (int) S3Objects.LEAST_PART;

  @TempDir static Path folder;
  private static S3Server server;
  private static FaultyNetwork network;
  private static StorageConfiguration configuration;
  private static Store store;

  @BeforeAll
  static void start() throws IOException {
    S3Server.provideCredentials();
    server = S3Server.start(folder).withBucket("zoo").withBucket("fused");
    network = FaultyNetwork.before(server.endpoint(), new FaultyNetwork.Plan(0, 1, List.of(), 0));
    configuration = StorageConfiguration.of(S3Server.properties(network.endpoint()));
    store = Stores.of(configuration);
  }

  @AfterAll
  static void stop() throws IOException {
    if (network != null) {
      network.close();
    }
    if (server != null) {
      server.close();
    }
  }

  private static FileSystem files(Location location) throws IOException {
    return FileSystems.open(configuration, location).files();
  }

  private static S3Objects objects(Location source, Location target) throws IOException {
    return S3Objects.between(files(source), files(target)).orElseThrow();
  }

  private static byte[] random(int bytes) {
    byte[] content = new byte[bytes];
    new Random(bytes).nextBytes(content);
    return content;
  }

  private static byte[] read(Location location) throws IOException {
    try (InputStream in = store.open(location)) {
      return in.readAllBytes();
    }
  }

  private static int uploads(Location target) throws IOException {
    return ((S3AFileSystem) files(target))
        .getWriteOperationHelper()
        .listMultipartUploads("")
        .size();
  }

  @Test
  void an_object_is_copied_to_another_bucket_without_being_read() throws IOException {
    byte[] content = random(300_000);
    StoredFile source = store.publish(content, Location.of("s3a://zoo/a model"));
    Location target = Location.of("s3a://fused/a/model");
    store.status(target);

    long before = network.requests();
    StoredFile copy = store.copy(source, target);
    assertThat(network.requests() - before).as("COPY and HEAD").isEqualTo(2);
    assertThat(copy.etag()).isEqualTo(source.etag());
    assertThat(read(target)).isEqualTo(content);
  }

  @Test
  void a_large_object_is_copied_in_parts_and_its_version_held_with_each() throws IOException {
    byte[] content = random(2 * PART + 17);
    Location target = Location.of("s3a://fused/large");
    StoredFile source = store.publish(content, Location.of("s3a://zoo/large"));
    S3Objects objects = objects(source.location(), target).copying(PART, PART);
    objects.copy(source, target);
    assertThat(read(target)).isEqualTo(content);

    store.publish(random(2 * PART + 18), source.location());
    assertThatThrownBy(() -> objects.copy(source, target))
        .isInstanceOf(ReplacedFileException.class);
    assertThat(read(target)).as("what was there stays").isEqualTo(content);
    assertThat(uploads(target)).as("nothing is left to pay for").isZero();
  }

  @Test
  void an_upload_has_parts_that_are_sent_and_parts_that_are_copied() throws IOException {
    byte[] content = random(3 * PART);
    Location target = Location.of("s3a://fused/mixed");
    StoredFile source = store.publish(content, Location.of("s3a://zoo/mixed"));
    byte[] sent = random(PART + 5);
    try (S3Objects.Upload upload = objects(source.location(), target).begin(target)) {
      upload.send(3, "the end".getBytes(UTF_8), 4, 3);
      upload.copy(1, source, 11, PART);
      upload.send(2, sent, 5, PART);
      assertThat(store.status(target)).as("nobody sees it before it is complete").isEmpty();
      upload.complete();
    }
    byte[] expected = new byte[2 * PART + 3];
    System.arraycopy(content, 11, expected, 0, PART);
    System.arraycopy(sent, 5, expected, PART, PART);
    System.arraycopy("end".getBytes(UTF_8), 0, expected, 2 * PART, 3);
    assertThat(Arrays.equals(read(target), expected)).isTrue();
  }

  @Test
  void an_upload_that_is_not_completed_is_aborted() throws IOException {
    Location target = Location.of("s3a://fused/aborted");
    try (S3Objects.Upload upload = objects(target, target).begin(target)) {
      upload.send(1, new byte[10], 0, 10);
      assertThat(uploads(target)).isEqualTo(1);
    }
    assertThat(uploads(target)).isZero();
    assertThat(store.status(target)).isEmpty();
  }

  @Test
  void what_the_server_cannot_read_is_not_left_to_it() throws IOException {
    Location target = Location.of("s3a://fused/x");
    FileSystem local = FileSystem.getLocal(files(target).getConf());
    assertThat(S3Objects.between(local, files(target))).isEmpty();
    assertThat(S3Objects.between(files(target), local)).isEmpty();
    StorageConfiguration elsewhere =
        StorageConfiguration.of(S3Server.properties(server.endpoint()));
    FileSystem others = FileSystems.open(elsewhere, Location.of("s3a://zoo/x")).files();
    assertThat(S3Objects.between(others, files(target))).as("another endpoint").isEmpty();
  }
}
