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
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.fusewright.core.testing.UsesServers;
import dev.fusewright.io.servers.Fault;
import dev.fusewright.io.servers.FaultyNetwork;
import dev.fusewright.io.servers.ImpatientS3;
import dev.fusewright.io.servers.S3Server;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.security.AccessControlException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What real stores answer, and whether it is worth asking again. */
@UsesServers
final class StorageErrorsTest {
  @TempDir Path folder;
  private S3Server server;
  private FaultyNetwork network;

  @BeforeEach
  void start() throws IOException {
    S3Server.provideCredentials();
    server = S3Server.start(folder).withBucket("zoo");
    network = FaultyNetwork.before(server.endpoint(), new FaultyNetwork.Plan(0, 0, List.of(), 0));
  }

  @AfterEach
  void stop() throws IOException {
    S3Server.provideCredentials();
    ImpatientS3.forget();
    network.close();
    server.close();
  }

  private static Store store(URI endpoint, Map<String, String> more) {
    Map<String, String> properties = S3Server.properties(endpoint);
    properties.putAll(more);
    return Stores.of(StorageConfiguration.of(properties));
  }

  private static IOException reading(Store store, String location) {
    return catchThrowableOfType(
        IOException.class,
        () -> {
          try (var in = store.open(Location.of(location))) {
            in.readAllBytes();
          }
        });
  }

  @Test
  void a_missing_object_is_permanent_and_asked_for_once() {
    IOException error = reading(store(network.endpoint(), Map.of()), "s3a://zoo/gone");
    assertThat(StorageErrors.isTransient(error)).as(error.toString()).isFalse();
    // HEAD, and two lists: it may be a folder.
    assertThat(network.requests()).isLessThanOrEqualTo(3);
  }

  @Test
  void a_missing_bucket_is_permanent_and_asked_for_once() throws IOException {
    Store store = store(network.endpoint(), Map.of());
    IOException error =
        catchThrowableOfType(
            IOException.class,
            () -> store.publish(new byte[10], Location.of("s3a://no-such-bucket/model")));
    assertThat(StorageErrors.isTransient(error)).as(error.toString()).isFalse();
    assertThat(network.requests()).isLessThanOrEqualTo(4);
  }

  @Test
  void wrong_credentials_are_permanent_and_tried_once() {
    System.setProperty("aws.secretAccessKey", "another");
    Store store = store(network.endpoint(), Map.of("fs.s3a.user.agent.prefix", "wrong"));
    IOException error = reading(store, "s3a://zoo/model");
    assertThat(StorageErrors.isTransient(error)).as(error.toString()).isFalse();
    assertThat(error).hasMessageNotContaining(S3Server.SECRET);
    assertThat(network.requests()).isLessThanOrEqualTo(2);
  }

  @Test
  void no_credentials_are_permanent_and_no_request() {
    System.clearProperty("aws.secretAccessKey");
    Store store = store(network.endpoint(), Map.of("fs.s3a.user.agent.prefix", "none"));
    IOException error = reading(store, "s3a://zoo/model");
    assertThat(StorageErrors.isTransient(error)).as(error.toString()).isFalse();
    assertThat(network.requests()).isZero();
  }

  @Test
  void a_full_disk_is_permanent_and_a_broken_pipe_is_not() {
    assertThat(StorageErrors.isTransient(new IOException("No space left on device"))).isFalse();
    assertThat(StorageErrors.isTransient(new IOException("Disk quota exceeded"))).isFalse();
    assertThat(StorageErrors.isTransient(new IOException("Broken pipe"))).isTrue();
  }

  @Test
  void a_server_in_trouble_is_asked_again_and_transient() throws IOException {
    try (FaultyNetwork broken =
        FaultyNetwork.before(
            server.endpoint(), new FaultyNetwork.Plan(100, 1, List.of(Fault.ERROR), 0))) {
      IOException error = reading(few(broken.endpoint()), "s3a://zoo/model");
      assertThat(StorageErrors.isTransient(error)).as(error.toString()).isTrue();
      assertThat(broken.requests()).isGreaterThan(3);
    }
  }

  @Test
  void a_server_that_is_not_there_is_transient() throws IOException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    IOException error = reading(few(URI.create("http://127.0.0.1:" + port)), "s3a://zoo/model");
    assertThat(StorageErrors.isTransient(error)).as(error.toString()).isTrue();
  }

  /** Gives up soon. */
  private static Store few(URI endpoint) {
    return store(
        endpoint,
        Map.of(
            "fs.s3a.retry.limit",
            "2",
            "fs.s3a.retry.interval",
            "20ms",
            "fs.s3a.attempts.maximum",
            "2"));
  }

  @Test
  void rights_are_permanent_and_what_the_machine_says_by_the_way_is_not() {
    assertThat(StorageErrors.isTransient(new AccessControlException("no"))).isFalse();
    assertThat(StorageErrors.isTransient(new AccessDeniedException("x"))).isFalse();
    assertThat(StorageErrors.isTransient(new java.net.SocketTimeoutException("x"))).isTrue();
    assertThat(StorageErrors.isTransient(new IOException("connection reset"))).isTrue();
    assertThat(StorageErrors.isTransient(new ReplacedFileException(Location.of("/x")))).isTrue();
  }

  @Test
  void an_error_of_the_local_file_system_is_said_without_the_name_of_a_class() {
    assertThat(StorageErrors.describe(new FileSystemException("a", null, "Not a directory")))
        .isEqualTo("a: Not a directory");
    assertThat(StorageErrors.describe(new NoSuchFileException("a")))
        .isEqualTo("a: no such file or folder");
    assertThat(StorageErrors.describe(new AccessDeniedException("a")))
        .isEqualTo("a: access is denied");
    assertThat(StorageErrors.describe(new FileNotFoundException("a does not exist")))
        .isEqualTo("a does not exist");
    assertThat(StorageErrors.describe(new IOException("a"))).isEqualTo("java.io.IOException: a");
  }
}
