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

import dev.fusewright.core.testing.UsesServers;
import dev.fusewright.io.servers.FaultyNetwork;
import dev.fusewright.io.servers.ImpatientS3;
import dev.fusewright.io.servers.S3Server;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.apache.hadoop.fs.s3a.RemoteFileChangedException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole contract, with a tenth of all requests failing. */
@UsesServers
final class FaultyS3StoreTest extends S3StoreContract {
  private static final long SEED = 7;

  @TempDir static Path folder;
  @TempDir Path local;
  private static S3Server server;
  private static FaultyNetwork network;

  @BeforeAll
  static void start() throws IOException {
    S3Server.provideCredentials();
    server = S3Server.start(folder).withBucket("zoo");
    network =
        FaultyNetwork.before(
            server.endpoint(), FaultyNetwork.Plan.tenPercent(SEED, ImpatientS3.SILENCE_MS));
  }

  @AfterAll
  static void stop() throws IOException {
    ImpatientS3.forget();
    if (network != null) {
      System.out.printf(
          "%d of %d requests failed: %s%n",
          network.faults(), network.requests(), network.injected());
      network.close();
    }
    if (server != null) {
      server.close();
    }
  }

  @Override
  Store store() {
    return Stores.of(ImpatientS3.configuration(network.endpoint()));
  }

  @Test
  void what_was_staged_and_published_over_it_is_the_same_to_the_byte() throws IOException {
    byte[] content = new byte[700_000];
    new Random(1).nextBytes(content);
    Path file = Files.write(local.resolve("model"), content);
    for (int i = 0; i < 25; i++) {
      Location target = root().resolve("model" + i);
      assertThat(store().publish(file, target).bytes()).isEqualTo(content.length);
      try (Scratch scratch = Scratch.in(local)) {
        Staged staged = new Staging(store()).fetch(target, scratch);
        assertThat(staged.sha256()).isEqualTo(Staging.sha256(file));
        assertThat(Files.mismatch(staged.file(), file)).isEqualTo(-1);
      }
      assertThat(folder.resolve("zoo").resolve(name).resolve("model" + i))
          .hasBinaryContent(content);
    }
    assertThat(network.injected()).as("every kind of fault").doesNotContainValue(0L);
  }

  /** S3Proxy removes a file before it renames another to it, for a moment; S3 itself does not. */
  @Override
  boolean tellsOfReplacement(IOException e) {
    return e instanceof RemoteFileChangedException || e instanceof FileNotFoundException;
  }
}
